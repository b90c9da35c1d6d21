#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Parses hexadecimal digits and UUIDs.
enum Hexadecimal {
  @inline(__always)
  static func value(of digit: UInt8) -> UInt8? {
    let value = values[Int(digit)]
    return value < 16 ? value : nil
  }

  /// The value of each byte as a digit; 0xff if it is no digit.
  private static let values: [UInt8] = (0...255).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt8(byte) - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt8(byte) - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt8(byte) - UInt8(ascii: "A") + 10
    default: 0xff
    }
  }

  /// The UUID written in 36 characters of either case; `nil` for any other text.
  static func uuid(_ bytes: UnsafeRawBufferPointer) -> UUID? {
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
