#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The parts of writing JSON that are worth doing by hand, on raw memory.
enum JSONText {
  /// Whether any byte must be escaped: below 0x20, a quote or a backslash.
  ///
  /// Eight bytes at a time, by the "has a byte less than n" trick of Sean Anderson's
  /// "Bit Twiddling Hacks".
  static func needsEscape(_ utf8: UnsafeRawBufferPointer) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var offset = 0
    while offset + 8 <= utf8.count {
      let word = utf8.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let below = (word &- ones &* 0x20) & ~word
      let matches = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | below
      if matches & highs != 0 { return true }
      offset += 8
    }
    while offset < utf8.count {
      let byte = utf8[offset]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return true }
      offset += 1
    }
    return false
  }

  /// Writes a whole number in at most 20 bytes; returns how many.
  static func write(_ value: Int64, at target: UnsafeMutableRawPointer) -> Int {
    var rest = value.magnitude
    var digits = 1
    var power: UInt64 = 10
    while digits < 19, rest >= power {
      digits += 1
      power &*= 10
    }
    let sign = value < 0 ? 1 : 0
    if sign == 1 { target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
    for position in stride(from: sign + digits - 1, through: sign, by: -1) {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      (target + position).storeBytes(
        of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit), as: UInt8.self)
      rest = quotient
    }
    return sign + digits
  }

  /// Writes a UUID as 36 characters between quotes: 38 bytes.
  static func write(_ uuid: uuid_t, quotedAt target: UnsafeMutableRawPointer) {
    target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    withUnsafeBytes(of: uuid) { bytes in
      var position = target + 1
      for index in 0..<16 {
        if index == 4 || index == 6 || index == 8 || index == 10 {
          position.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
          position += 1
        }
        position.storeBytes(of: hexadecimalDigits(bytes[index]), as: UInt16.self)
        position += 2
      }
    }
    (target + 37).storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
  }

  /// The two lower-case digits of a byte, the higher one first in memory.
  @inline(__always)
  static func hexadecimalDigits(_ byte: UInt8) -> UInt16 {
    // Each nibble in its own byte; 6 more pushes 10…15 over into bit 4, which selects letters.
    let nibbles = UInt16(byte >> 4) | UInt16(byte & 0x0f) << 8
    let letters = ((nibbles &+ 0x0606) >> 4) & 0x0101
    return (nibbles &+ 0x3030 &+ letters &* 0x27).littleEndian
  }
}
