#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Generates ids that are unique without coordination and grow with time.
enum EventID {
  /// Returns a UUIDv7 (RFC 9562) for an instant: 48 bits of milliseconds, 12 bits for the fraction
  /// of the millisecond ("method 3" of the RFC), 62 random bits.
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

/// A UUID as two words in memory order, because sixteen single bytes would be moved one by one.
struct UUIDBits: BitwiseCopyable {
  var high: UInt64
  var low: UInt64

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  @inline(__always)
  init(_ uuid: UUID) { self = unsafeBitCast(uuid.uuid, to: UUIDBits.self) }
}

/// A random number generator for ids: xoshiro256++ (Blackman and Vigna), seeded by the system.
///
/// Ids must be distinct, not secret, and the system's generator would cost a system call.
struct RandomBits: RandomNumberGenerator {
  private var s0, s1, s2, s3: UInt64

  init(seededFrom generator: inout some RandomNumberGenerator) {
    // One bit is always set, because the generator would never leave a state of zeros.
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
