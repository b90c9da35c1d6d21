package import Analytics

/// Builds values from checked JSON, for the few fields that may contain anything.
package enum JSONTree {
  /// Parses a text; `nil` if it is not JSON. `field` is for the message if a number is out of
  /// range.
  package static func parse(_ text: String, field: String) throws(LineProblem) -> JSONValue? {
    var text = text
    let result = text.withUTF8 { utf8 in
      let line = JSONBytes(bytes: UnsafeRawBufferPointer(utf8))
      var scanner = JSONScanner(line.bytes)
      guard let span = try? scanner.value(), (try? scanner.expectEnd()) != nil else {
        return Result<JSONValue?, LineProblem>.success(nil)
      }
      return Result { () throws(LineProblem) in try value(span, in: line, field: field) }
    }
    return try result.get()
  }

  /// The value of a span; `field` is for the message if a number is out of range.
  static func value(
    _ span: JSONSpan, in line: JSONBytes, field: String
  ) throws(LineProblem) -> JSONValue {
    switch span.kind {
    case .null: return .null
    case .yes: return .bool(true)
    case .no: return .bool(false)
    case .plainText, .escapedText: return .string(line.text(span))
    case .integer, .decimal:
      let bytes = line[span]
      if let number = WrittenNumber.plainInteger(bytes, span.kind) { return .integer(number) }
      guard let number = JSONNumber(checked: bytes) else { throw .outOfRange(field: field) }
      return .exact(number)
    case .array: return .array(try elements(span, in: line, field: field))
    case .object: return .object(try members(span, in: line, field: field))
    }
  }

  private static func elements(
    _ span: JSONSpan, in line: JSONBytes, field: String
  ) throws(LineProblem) -> [JSONValue] {
    var scanner = JSONScanner(line.bytes, from: Int(span.lower))
    var array = try scanner.beginArray()
    var elements: [JSONValue] = []
    while try scanner.nextElement(&array) {
      elements.append(try value(try scanner.value(), in: line, field: field))
    }
    return elements
  }

  private static func members(
    _ span: JSONSpan, in line: JSONBytes, field: String
  ) throws(LineProblem) -> JSONObject {
    var scanner = JSONScanner(line.bytes, from: Int(span.lower))
    var object = try scanner.beginObject()
    var members = JSONObject()
    while let key = try scanner.nextKey(&object) {
      members[line.text(key)] = try value(try scanner.value(), in: line, field: field)
    }
    return members
  }
}
