import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A number with its digits as somebody wrote them: `1.10`, `18446744073709551615`, `1e-400`.
///
/// An `Int64` or a `Double` would make another number of these. PostgreSQL's `jsonb` keeps the digits, and
/// the zeros behind the point; it writes exponents out and gives no zero a sign.
///
/// Two are equal if they are written alike. For how much one holds, see ``init(_:)``.
public struct JSONNumber: Hashable, Sendable, LosslessStringConvertible {
  /// The number as it was written.
  public let description: String

  /// The largest exponent either way. `jsonb` writes exponents out, so without a bound a few bytes would
  /// become 128 KB; no `Double` has an exponent beyond 324.
  public static let exponentMax = 400
  /// The most digits before the point, exponent written out: those of PostgreSQL's `numeric`.
  public static let wholeDigitsMax = 131_072
  /// The most digits behind the point, exponent written out: those of PostgreSQL's `numeric`.
  public static let fractionDigitsMax = 16_383

  /// Takes a number as JSON has it (RFC 8259).
  ///
  /// `nil` for what is none, and for more digits or a larger exponent than ``wholeDigitsMax``,
  /// ``fractionDigitsMax`` and ``exponentMax`` say.
  public init?(_ text: String) {
    var text = text
    guard let shape = text.withUTF8({ Shape(UnsafeRawBufferPointer($0)) }), shape.isStorable
    else { return nil }
    description = text
  }

  /// Takes bytes that are known to be a number of JSON; `nil` beyond the bounds.
  package init?(checked bytes: UnsafeRawBufferPointer) {
    guard let shape = Shape(bytes), shape.isStorable else { return nil }
    description = String(decoding: bytes, as: UTF8.self)
  }

  /// A whole number of 64 bits without a sign.
  public init(_ value: UInt64) { description = String(value) }
}

extension JSONNumber {
  /// How many digits a number has where.
  private struct Shape {
    /// Before the point.
    var whole = 0
    /// Behind it.
    var fraction = 0
    /// From the first digit that is not 0 to the last.
    var significant = 0
    var exponent = 0

    /// `nil` for what is no number of JSON.
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

    /// Whether `Decimal`, of 38 digits and exponents of 8 bits, holds it as it is.
    var fitsDecimal: Bool {
      significant <= 38 && whole + max(0, exponent) <= 100 && fraction + max(0, -exponent) <= 100
    }
  }

  /// The same number as a `Decimal`; `nil` where that is not exact.
  var decimal: Decimal? {
    var text = description
    guard text.withUTF8({ Shape(UnsafeRawBufferPointer($0)) })?.fitsDecimal == true else {
      return nil
    }
    return Decimal(string: description)
  }
}
