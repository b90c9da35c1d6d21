extension Series {
  /// What ``encode(to:)`` says, as JSON on one line: an object's members in their order, a row's in that
  /// of the columns. Encoders take longer for it than most reports do to be made.
  public var json: String {
    var text = JSONText()
    text.member("{", "report", name)
    if let range {
      text.member(",", "from", LocalTime(range.lowerBound, in: zone).text)
      text.member(",", "to", LocalTime(range.upperBound, in: zone).text)
    }
    text.member(",", "time_zone", zoneName)
    text.raw(",\"columns\":")
    text.list(columns) { column, text in
      text.member("{", "name", column.name)
      text.member(",", "unit", column.unit.name)
      text.raw("}")
    }
    text.raw(",\"rows\":")
    text.list(rows, write)
    if let completeUntil {
      text.member(",", "complete_until", LocalTime(completeUntil, in: zone).text)
    }
    text.raw(",\"notes\":")
    text.list(notes) { $1.string($0) }
    text.raw("}")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private func write(_ row: [Value], to text: inout JSONText) {
    text.raw("{")
    for (index, (value, column)) in zip(row, columns).enumerated() {
      if index > 0 { text.raw(",") }
      text.string(column.name)
      text.raw(":")
      switch value {
      case .integer(let number): text.raw(String(number))
      // JSON has no infinity.
      case .number(let number) where number.isFinite: text.raw(String(number))
      case .number, .null: text.raw("null")
      case .instant, .text: text.string(self.text(value, in: column) ?? "")
      }
    }
    text.raw("}")
  }
}

/// JSON as bytes.
private struct JSONText {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func member(_ before: String, _ name: String, _ value: String) {
    raw(before)
    string(name)
    raw(":")
    string(value)
  }

  mutating func list<Value>(_ values: [Value], _ body: (Value, inout JSONText) -> Void) {
    raw("[")
    for (index, value) in values.enumerated() {
      if index > 0 { raw(",") }
      body(value, &self)
    }
    raw("]")
  }

  mutating func string(_ text: String) {
    raw("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        raw("\\")
        bytes.append(byte)
      case 0..<32:
        raw(byte < 16 ? "\\u000" : "\\u00")
        raw(String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    raw("\"")
  }
}
