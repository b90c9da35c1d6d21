#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension UUID {
  /// Creates a UUIDv7 (RFC 9562) for an instant, as the buffer does for an event without an ID.
  package init(timeOrderedAt time: EventTimestamp) {
    var system = SystemRandomNumberGenerator()
    var random = RandomBits(seededFrom: &system)
    let bits = EventID.timeOrdered(at: time, random: &random)
    self.init(uuid: unsafeBitCast(bits, to: uuid_t.self))
  }
}
