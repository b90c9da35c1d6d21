/// A 64-bit checksum of a growing prefix of memory, which is extended by the new bytes alone.
///
/// It detects torn and stale pages, and does not protect against an adversary. Each 8-byte word is
/// folded in by a full-width multiplication, the idea of wyhash (Wang Yi), at some gigabytes per
/// second.
struct RunningChecksum {
  private var state: UInt64
  /// The number of bytes folded into the state, a multiple of 8.
  private(set) var consumed = 0

  init(seed: UInt64) { state = Self.fold(seed ^ 0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9) }

  /// Returns the checksum of all of `bytes`. Its beginning must be the bytes of the call before.
  mutating func extend(over bytes: UnsafeRawBufferPointer) -> UInt64 {
    while consumed + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: consumed, as: UInt64.self)
      state = Self.fold(state ^ word, 0x94d0_49bb_1331_11eb)
      consumed += 8
    }
    var tail: UInt64 = 0
    for index in consumed..<bytes.count {
      tail = tail << 8 | UInt64(bytes[index])
    }
    return Self.fold(state ^ tail, UInt64(bytes.count) ^ 0xd6e8_feb8_6659_fd93)
  }

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
