#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Ids that are unique without asking anybody, and grow with time.
enum EventID {
  /// A UUIDv7 (RFC 9562) of the instant: 48 bits of milliseconds, 12 bits of the millisecond's
  /// fraction (its "method 3"), 62 random bits.
  ///
  /// Growing ids touch only the last pages of an index.
  @inline(__always)
  static func timeOrdered(at time: EventTimestamp, random: inout RandomBits) -> UUIDBits {
    let microseconds = UInt64(clamping: time.microsecondsSinceUnixEpoch)
    let (milliseconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
    let fraction = rest &* 4096 / 1000
    let high = (milliseconds << 16 | 0x7000 | fraction).bigEndian
    let low = (random.next() >> 2 | 0x8000_0000_0000_0000).bigEndian
    return UUIDBits(high: high, low: low)
  }
}

/// A UUID as two words in memory order: sixteen single bytes would be moved one by one.
struct UUIDBits: BitwiseCopyable {
  var high: UInt64
  var low: UInt64

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  @inline(__always)
  init(_ uuid: UUID) { self = unsafeBitCast(uuid.uuid, to: UUIDBits.self) }
}

/// Random bits for ids: xoshiro256++ (Blackman and Vigna), seeded by the system.
///
/// Ids need to be distinct, not secret, and the system's generator is a call into the kernel.
struct RandomBits: RandomNumberGenerator {
  private var s0, s1, s2, s3: UInt64

  init(seededFrom generator: inout some RandomNumberGenerator) {
    // One bit is set, since a state of zeros would stay.
    (s0, s1, s2) = (generator.next(), generator.next(), generator.next())
    s3 = generator.next() | 1
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = (sum << 23 | sum >> 41) &+ s0
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = s3 << 45 | s3 >> 19
    return result
  }
}
