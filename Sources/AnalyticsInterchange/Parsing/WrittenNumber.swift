/// Parses the numbers of checked JSON.
enum WrittenNumber {
  enum Whole {
    case value(Int64)
    /// Not a number, or a number with a fraction.
    case notWhole
    /// A whole number that is too large: above 64 bits or, with a fraction or exponent in its
    /// notation, above 2⁵³.
    case tooLarge
  }

  /// The whole number of a span of this kind.
  ///
  /// `1.0` and `1e3` count as whole, since some writers have only floating-point numbers. They are
  /// accepted up to 2⁵³, beyond which floating-point numbers are not exact.
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

  /// The number, if an `Int64` would be written in the same way. `nil` for `-0`, which an `Int64`
  /// would change, and for numbers with more than 64 bits, a fraction or an exponent.
  static func plainInteger(_ bytes: UnsafeRawBufferPointer, _ kind: JSONSpan.Kind) -> Int64? {
    guard kind == .integer, case .value(let number) = integer(bytes),
      number != 0 || bytes.count == 1
    else { return nil }
    return number
  }

  /// The nearest `Double`; `nil` if the number is beyond the largest.
  static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
    guard let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite else {
      return nil
    }
    return number
  }

  /// Accumulates negative numbers, since −2⁶³ has no positive counterpart.
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
