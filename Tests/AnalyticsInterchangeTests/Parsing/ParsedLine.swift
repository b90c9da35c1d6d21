import Analytics

@testable import AnalyticsInterchange

/// Parses one line of bytes.
func parse(_ bytes: some Sequence<UInt8>) throws(LineProblem) -> EventLine {
  let copy = Array(bytes)
  let result: Result<EventLine, LineProblem> = copy.withUnsafeBytes { line in
    var parser = EventLineParser()
    return Result { () throws(LineProblem) in try parser.parse(line) }
  }
  return try result.get()
}

/// Parses one line of text.
func parse(_ text: String) throws(LineProblem) -> EventLine {
  try parse(text.utf8)
}

/// The reason why a line is refused; `nil` if the line is valid.
func problem(_ text: String) -> LineProblem? {
  do {
    _ = try parse(text)
    return nil
  } catch {
    return error
  }
}
