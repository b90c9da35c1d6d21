import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JSON number that keeps its digits as written, such as `1.10`, `18446744073709551615` or
/// `1e-400`.
///
/// `Int64` and `Double` cannot represent these numbers exactly. PostgreSQL's `jsonb` keeps the
/// digits, including trailing zeros of the fraction; it expands exponents and drops the sign of
/// zero.
///
/// Two numbers are equal if they are written in the same way. See ``init(_:)`` for the supported
/// range.
public struct JSONNumber: Hashable, Sendable, LosslessStringConvertible {
  /// The number as written.
  public let description: String

  /// The largest absolute value of an exponent. Because `jsonb` expands exponents, a few bytes
  /// could otherwise become 128 KB. The exponent of a `Double` is at most 324.
  public static let exponentMax = 400
  /// The largest number of digits before the decimal point after expanding the exponent, as in
  /// PostgreSQL's `numeric`.
  public static let wholeDigitsMax = 131_072
  /// The largest number of digits after the decimal point after expanding the exponent, as in
  /// PostgreSQL's `numeric`.
  public static let fractionDigitsMax = 16_383

  /// Creates a number from the text of a JSON number (RFC 8259).
  ///
  /// Returns `nil` for any other text, and for a number beyond ``wholeDigitsMax``,
  /// ``fractionDigitsMax`` or ``exponentMax``.
  public init?(_ text: String) {
    var text = text
    guard let shape = text.withUTF8({ Shape(UnsafeRawBufferPointer($0)) }), shape.isStorable
    else { return nil }
    description = text
  }

  /// Creates a number from bytes that are known to be a JSON number; `nil` if it is beyond the
  /// limits.
  package init?(checked bytes: UnsafeRawBufferPointer) {
    guard let shape = Shape(bytes), shape.isStorable else { return nil }
    description = String(decoding: bytes, as: UTF8.self)
  }

  /// Creates a number from an unsigned 64-bit integer.
  public init(_ value: UInt64) { description = String(value) }
}

extension JSONNumber {
  /// The number of digits in each part of a number.
  private struct Shape {
    /// Digits before the decimal point.
    var whole = 0
    /// Digits after the decimal point.
    var fraction = 0
    /// Digits from the first to the last that is not 0.
    var significant = 0
    var exponent = 0

    /// Returns `nil` if the bytes are not a JSON number.
    init?(_ bytes: UnsafeRawBufferPointer) {
      var position = 0
      var trailingZeros = 0

      func next() -> UInt8? { position < bytes.count ? bytes[position] : nil }

      func digits(_ count: inout Int) {
        while let byte = next(), byte.isDigit {
          count += 1
          position += 1
          if byte == UInt8(ascii: "0") {
            if significant > 0 { trailingZeros += 1 }
          } else {
            significant += trailingZeros + 1
            trailingZeros = 0
          }
        }
      }

      if next() == UInt8(ascii: "-") { position += 1 }
      let startsWithZero = next() == UInt8(ascii: "0")
      digits(&whole)
      guard whole == 1 || whole > 1 && !startsWithZero else { return nil }
      if next() == UInt8(ascii: ".") {
        position += 1
        digits(&fraction)
        guard fraction > 0 else { return nil }
      }
      if let byte = next(), byte | 0x20 == UInt8(ascii: "e") {
        position += 1
        let isNegative = next() == UInt8(ascii: "-")
        if isNegative || next() == UInt8(ascii: "+") { position += 1 }
        let start = position
        while let byte = next(), byte.isDigit {
          exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
          position += 1
        }
        guard position > start else { return nil }
        if isNegative { exponent = -exponent }
      }
      guard position == bytes.count else { return nil }
    }

    var isStorable: Bool {
      abs(exponent) <= exponentMax && whole + exponent <= wholeDigitsMax
        && fraction - exponent <= fractionDigitsMax
    }

    /// Whether `Decimal`, which has 38 digits and an exponent of 8 bits, can represent the number
    /// exactly.
    var fitsDecimal: Bool {
      significant <= 38 && whole + max(0, exponent) <= 100 && fraction + max(0, -exponent) <= 100
    }
  }

  /// The number as a `Decimal`; `nil` if it cannot be represented exactly.
  var decimal: Decimal? {
    var text = description
    guard text.withUTF8({ Shape(UnsafeRawBufferPointer($0)) })?.fitsDecimal == true else {
      return nil
    }
    return Decimal(string: description)
  }
}
