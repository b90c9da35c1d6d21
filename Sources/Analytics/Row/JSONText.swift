#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Hand-optimised parts of the JSON encoder, which write to raw memory. The caller must provide
/// enough room.
enum JSONText {
  /// Stores a value at any alignment.
  @inline(__always)
  static func store<Value: BitwiseCopyable>(_ value: Value, _ target: UnsafeMutableRawPointer) {
    target.storeBytes(of: value, as: Value.self)
  }

  /// Copies bytes to memory that does not overlap with theirs.
  ///
  /// Most names and values have 4 to 16 bytes. Two words, which may overlap, are then copied in
  /// place of a call of `memcpy`.
  @inline(__always)
  static func copy(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer
  ) {
    switch count {
    case 8...16: copyEnds(UInt64.self, source, count, target)
    case 4..<8: copyEnds(UInt32.self, source, count, target)
    default: memcpy(target, source, count)
    }
  }

  @inline(__always)
  private static func copyEnds<Word: BitwiseCopyable>(
    _: Word.Type, _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawPointer
  ) {
    let end = count - MemoryLayout<Word>.size
    store(source.loadUnaligned(as: Word.self), target)
    store(source.loadUnaligned(fromByteOffset: end, as: Word.self), target + end)
  }

  /// Whether any byte must be escaped: a byte below 0x20, a quote or a backslash.
  ///
  /// Checks eight bytes at a time with the "has a byte less than n" technique of Sean Anderson's
  /// "Bit Twiddling Hacks".
  @inline(__always)
  static func needsEscape(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = UnsafeRawPointer(utf8.baseAddress) else { return false }
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var offset = 0
    while offset + 8 <= utf8.count {
      let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
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

  /// Writes an integer in at most 20 bytes and returns the number of bytes written.
  static func write(_ value: Int64, at target: UnsafeMutableRawPointer) -> Int {
    var rest = value.magnitude
    var digits = 1
    var power: UInt64 = 10
    while digits < 19, rest >= power {
      digits += 1
      power &*= 10
    }
    let sign = value < 0 ? 1 : 0
    if sign == 1 { store(UInt8(ascii: "-"), target) }
    for position in stride(from: sign + digits - 1, through: sign, by: -1) {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      (target + position).storeBytes(
        of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit), as: UInt8.self)
      rest = quotient
    }
    return sign + digits
  }

  /// Writes a UUID as 36 characters between quotes, 38 bytes in total.
  @inline(__always)
  static func write(_ uuid: UUIDBits, quotedAt target: UnsafeMutableRawPointer) {
    let (high, low) = (uuid.high, uuid.low)
    let dash = UInt8(ascii: "-")
    let quote = UInt8(ascii: "\"")
    let first = hexadecimalDigits(UInt32(truncatingIfNeeded: high.bigEndian >> 32))
    let second = hexadecimalDigits(UInt32(truncatingIfNeeded: high.bigEndian))
    let third = hexadecimalDigits(UInt32(truncatingIfNeeded: low.bigEndian >> 32))
    let fourth = hexadecimalDigits(UInt32(truncatingIfNeeded: low.bigEndian))
    store(quote, target)
    store(first, target + 1)
    store(dash, target + 9)
    // Eight digits at once; the last four are overwritten by the dash and written again behind it.
    store(second, target + 10)
    store(dash, target + 14)
    store(second >> 32, target + 15)
    store(dash, target + 19)
    store(third, target + 20)
    store(dash, target + 24)
    store(third >> 32, target + 25)
    store(fourth, target + 29)
    store(quote, target + 37)
  }

  /// Returns the eight lower-case hexadecimal digits of a number, the highest first in memory.
  @inline(__always)
  private static func hexadecimalDigits(_ number: UInt32) -> UInt64 {
    // Spreads the bytes, then the nibbles, so that each nibble is in a byte of its own.
    var spread = UInt64(number.byteSwapped)
    spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
    spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
    spread = (spread >> 4 | spread << 8) & 0x0f0f_0f0f_0f0f_0f0f
    // Adding 6 carries 10…15 into bit 4, which selects letters.
    let letters = ((spread &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
    return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).littleEndian
  }

  /// Returns the two lower-case hexadecimal digits of a byte, the higher one first in memory.
  static func hexadecimalDigits(_ byte: UInt8) -> UInt16 {
    UInt16(truncatingIfNeeded: hexadecimalDigits(UInt32(byte)) >> 48)
  }
}
