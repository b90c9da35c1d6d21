import Analytics

/// Makes values of checked JSON, for the few fields that may hold anything.
enum JSONTree {
  /// The value of a span; `field` is named should a number be out of range.
  static func value(
    _ span: JSONSpan, in line: JSONBytes, field: String
  ) throws(LineProblem) -> JSONValue {
    switch span.kind {
    case .null: return .null
    case .yes: return .bool(true)
    case .no: return .bool(false)
    case .plainText, .escapedText: return .string(line.text(span))
    case .integer:
      if case .value(let number) = JSONNumber.wholeNumber(line[span], .integer) {
        return .integer(number)
      }
      return try decimal(line[span], field)
    case .decimal: return try decimal(line[span], field)
    case .array: return .array(try elements(span, in: line, field: field))
    case .object: return .object(try members(span, in: line, field: field))
    }
  }

  private static func decimal(
    _ bytes: UnsafeRawBufferPointer, _ field: String
  ) throws(LineProblem) -> JSONValue {
    guard let number = JSONNumber.double(bytes) else { throw .outOfRange(field: field) }
    return .number(number)
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

/// Numbers as JSON writes them.
enum JSONNumber {
  enum Whole {
    case value(Int64)
    /// Not a number, or one with a fraction.
    case notWhole
    /// Whole, but more than 64 bits.
    case tooLarge
  }

  /// The whole number that a span of this kind holds.
  ///
  /// `1.0` and `1e3` are whole, since some writers have only floating-point numbers; up to 2⁵³,
  /// where those stop being exact.
  static func wholeNumber(_ bytes: UnsafeRawBufferPointer, _ kind: JSONSpan.Kind) -> Whole {
    switch kind {
    case .integer:
      return integer(bytes)
    case .decimal:
      guard let number = double(bytes) else { return .tooLarge }
      guard number.rounded(.towardZero) == number else { return .notWhole }
      guard abs(number) <= 0x1p53 else { return .tooLarge }
      return .value(Int64(number))
    default:
      return .notWhole
    }
  }

  /// The nearest `Double`; `nil` beyond the largest.
  static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
    guard let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite else {
      return nil
    }
    return number
  }

  /// Counts down, since −2⁶³ has no positive counterpart.
  private static func integer(_ bytes: UnsafeRawBufferPointer) -> Whole {
    let isNegative = bytes[0] == UInt8(ascii: "-")
    var value: Int64 = 0
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (difference, underflow) = product.subtractingReportingOverflow(
        Int64(byte &- UInt8(ascii: "0")))
      if overflow || underflow { return .tooLarge }
      value = difference
    }
    if isNegative { return .value(value) }
    return value == .min ? .tooLarge : .value(-value)
  }
}
