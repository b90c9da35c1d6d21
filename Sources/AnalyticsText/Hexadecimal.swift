#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// Reads and writes hexadecimal digits. It reads both cases, and writes lower case.
package enum Hexadecimal {
  /// The digits of 0…15, as ASCII.
  @usableFromInline static let digits = Array("0123456789abcdef".utf8)

  /// The bytes as two digits each.
  @inlinable package static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes { append(byte, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the two digits of a byte.
  @inlinable static func append(_ byte: UInt8, to text: inout [UInt8]) {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }

  /// Appends a UUID's 16 bytes in the usual 36 characters.
  package static func append(uuid bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    for (index, byte) in bytes.enumerated() {
      if index == 4 || index == 6 || index == 8 || index == 10 { text.append(hyphen) }
      append(byte, to: &text)
    }
  }

  /// The bytes that a text of two digits each stands for; `nil` for any other text.
  package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.compactMap(value(of:))
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// The value of a digit; `nil` for any other byte.
  @inlinable package static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The value of each byte as a digit; 0xff if it is no digit.
  private static let values = (UInt8.min...UInt8.max).map { Hexadecimal.value(of: $0) ?? 0xff }

  /// The UUID written in 36 characters of either case; `nil` for any other text.
  package static func uuid(_ bytes: UnsafeRawBufferPointer) -> UUID? {
    guard bytes.count == 36, bytes[8] == hyphen, bytes[13] == hyphen, bytes[18] == hyphen,
      bytes[23] == hyphen
    else { return nil }
    var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    let isWhole = values.withUnsafeBufferPointer { values in
      withUnsafeMutableBytes(of: &value) { target in
        var position = 0
        var seen: UInt8 = 0
        for index in 0..<16 {
          if index == 4 || index == 6 || index == 8 || index == 10 { position += 1 }
          let high = values[Int(bytes[position])]
          let low = values[Int(bytes[position + 1])]
          seen |= high | low
          target[index] = high << 4 | low
          position += 2
        }
        // One check at the end is faster than 32 checks.
        return seen < 16
      }
    }
    return isWhole ? UUID(uuid: value) : nil
  }

  private static let hyphen = UInt8(ascii: "-")
}
