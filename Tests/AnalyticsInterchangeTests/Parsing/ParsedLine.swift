import Analytics
import Foundation

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

/// Why a line is refused; `nil` if it is not.
func problem(_ text: String) -> LineProblem? {
  do {
    _ = try parse(text)
    return nil
  } catch {
    return error
  }
}

/// A line around the fields of an event and further keys.
func line(event: String, and more: String = "") -> String {
  #"{"timestamp":"2026-01-31T08:09:10.123456Z","event":{\#(event)}\#(more)}"#
}

let someUUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
let started = #""type":"task_started","task_id":"\#(someUUID)","user_id":"\#(someUUID)""#
