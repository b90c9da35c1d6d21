import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Ids")
struct EventIDTests {
  private func bytes(_ id: UUIDBits) -> [UInt8] { withUnsafeBytes(of: id, Array.init) }

  @Test("are UUIDv7 of the instant, in the layout of RFC 9562")
  func layout() {
    var random = SeededGenerator.printingSeed()
    var bits = RandomBits(seededFrom: &random)
    for _ in 0..<10_000 {
      let microseconds = Int64.random(in: 0..<253_402_300_800_000_000, using: &random)
      let id = bytes(
        EventID.timeOrdered(
          at: EventTimestamp(microsecondsSinceUnixEpoch: microseconds), random: &bits))
      let milliseconds = id.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
      let fraction = Int64(id[6] & 0x0f) << 8 | Int64(id[7])
      #expect(milliseconds == microseconds / 1000)
      #expect(id[6] >> 4 == 7)
      #expect(id[8] >> 6 == 0b10)
      #expect((fraction * 1000 + 4095) / 4096 == microseconds % 1000)
    }
  }

  @Test("of single events have the same layout, and are distinct")
  func single() {
    let time = EventTimestamp(microsecondsSinceUnixEpoch: 1_790_000_000_123_456)
    let ids = (0..<1000).map { _ in UUID(timeOrderedAt: time) }
    #expect(Set(ids).count == 1000)
    for id in ids {
      let bytes: [UInt8] = withUnsafeBytes(of: id.uuid, Array.init)
      #expect(bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) } == 1_790_000_000_123)
      #expect(bytes[6] >> 4 == 7 && bytes[8] >> 6 == 0b10)
    }
  }

  @Test("are distinct a million times, even within one microsecond and before 1970")
  func distinct() {
    var random = SeededGenerator.printingSeed()
    var bits = RandomBits(seededFrom: &random)
    var seen: Set<[UInt8]> = []
    for index in 0..<1_000_000 {
      let time = EventTimestamp(microsecondsSinceUnixEpoch: index % 2 == 0 ? 1_790_000_000 : -5)
      seen.insert(bytes(EventID.timeOrdered(at: time, random: &bits)))
    }
    #expect(seen.count == 1_000_000)
  }

  @Test("grow with time, microsecond by microsecond")
  func grow() {
    var random = SeededGenerator.printingSeed()
    var bits = RandomBits(seededFrom: &random)
    var last: [UInt8] = []
    for step in 0..<5000 {
      let time = EventTimestamp(microsecondsSinceUnixEpoch: 1_790_000_000_000_000 + Int64(step))
      let id = bytes(EventID.timeOrdered(at: time, random: &bits))
      #expect(last.lexicographicallyPrecedes(id))
      last = id
    }
  }

  @Test("have random bits, each of which is set half of the time")
  func unbiased() {
    var random = SeededGenerator.printingSeed()
    var bits = RandomBits(seededFrom: &random)
    var counts = [Int](repeating: 0, count: 64)
    for _ in 0..<20_000 {
      let value = bits.next()
      for bit in 0..<64 where value >> UInt64(bit) & 1 == 1 { counts[bit] += 1 }
    }
    // The limit is six standard deviations of a fair coin.
    for count in counts { #expect(abs(count - 10_000) < 425) }
  }
}

@Suite("User ids derived from names")
struct UserIdentityTests {
  private let key = try! PrivacyKey(bytes: Array("sixteen bytes or more".utf8))

  @Test("without a key are UUIDv5 in this project's namespace")
  func version5() {
    // From Python: uuid.uuid5(uuid.UUID("6f1d0c52-9a0b-4b6e-8f3b-2c55701ed4a7"), name)
    #expect(
      AnalyticsClient.disabled.userID(for: "ada").uuidString.lowercased()
        == "063177db-15fe-5008-bd30-78ea037a1bf0")
    #expect(
      AnalyticsClient.disabled.userID(for: "").uuidString.lowercased()
        == "716be374-8a23-508b-926b-0a0e66a035b0")
    #expect(
      AnalyticsClient.disabled.userID(for: "naïve 🧪").uuidString.lowercased()
        == "10563fd1-15ec-5a48-bb9d-365e4a6bd07f")
  }

  @Test("of numbers are those of their digits")
  func numbers() {
    let client = AnalyticsClient.disabled
    #expect(client.userID(for: 42) == client.userID(for: "42"))
    #expect(client.userID(for: Int64.min) == client.userID(for: "-9223372036854775808"))
    #expect(client.userID(for: UInt8(7)) == client.userID(for: 7))
  }

  @Test("with a key are UUIDv8, and differ for different keys")
  func keyed() throws {
    let other = try PrivacyKey(bytes: Array("another sixteen bytes".utf8))
    let plain = UserIdentity(key: nil).uuid(for: "ada")
    let first = UserIdentity(key: key).uuid(for: "ada")
    let second = UserIdentity(key: other).uuid(for: "ada")
    #expect(Set([plain, first, second]).count == 3)
    #expect(first == UserIdentity(key: key).uuid(for: "ada"))
    for id in [first, second] {
      #expect(id.uuid.6 >> 4 == 8)
      #expect(id.uuid.8 >> 6 == 0b10)
    }
  }

  @Test("differ for different names")
  func distinct() {
    let ids = Set((0..<10_000).map { UserIdentity(key: key).uuid(for: "user-\($0)") })
    #expect(ids.count == 10_000)
  }
}
