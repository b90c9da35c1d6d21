/// A JSON value that keeps the members of objects in order.
package indirect enum JSON: Sendable {
  case object([(String, JSON)])
  case array([JSON])
  case string(String)
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case null
}

/// Writes JSON as bytes. `JSONEncoder` takes several times as long, and gives members in no fixed
/// order, so the entity tag of an answer would change each time.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(_ value: JSON) {
    switch value {
    case .object(let members):
      list("{", "}", members) { writer, member in
        writer.name(member.0)
        writer.write(member.1)
      }
    case .array(let values): list("[", "]", values) { $0.write($1) }
    case .string(let text): write(text)
    case .integer(let number): raw(String(number))
    case .number(let number): write(number)
    case .bool(let value): raw(value ? "true" : "false")
    case .null: raw("null")
    }
  }

  /// Writes values between two brackets, separated by commas.
  package mutating func list<Value>(
    _ opening: StaticString, _ closing: StaticString, _ values: some Sequence<Value>,
    _ body: (inout JSONWriter, Value) -> Void
  ) {
    raw(opening)
    var isFirst = true
    for value in values {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      body(&self, value)
    }
    raw(closing)
  }

  package mutating func name(_ name: String) {
    write(name)
    bytes.append(UInt8(ascii: ":"))
  }

  package mutating func write(_ number: Double) {
    // JSON has neither infinities nor NaN.
    raw(number.isFinite ? String(number) : "null")
  }

  package mutating func write(_ text: String) { JSONString.append(text.utf8, to: &bytes) }

  package mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  package mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  package mutating func raw(_ text: StaticString) {
    // The bytes of a literal are never freed. `utf8Start` traps if the literal is not stored as
    // bytes.
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
