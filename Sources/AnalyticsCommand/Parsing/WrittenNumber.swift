/// Numbers as JSON writes them.
enum WrittenNumber {
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

  /// The whole number that an `Int64` is written like; `nil` for `-0`, which it would change, and for what
  /// has more than 64 bits, a fraction or an exponent.
  static func plainInteger(_ bytes: UnsafeRawBufferPointer, _ kind: JSONSpan.Kind) -> Int64? {
    guard kind == .integer, case .value(let number) = integer(bytes),
      number != 0 || bytes.count == 1
    else { return nil }
    return number
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
