import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A segment with a flipped bit", .timeLimit(.minutes(60)))
struct HeaderDamageTests {
  /// The spool of a dead process. One segment is to be damaged; it was partly drained and partly synced. The others are
  /// its neighbours.
  private struct DeadSpool {
    var victim: [UInt8]
    var neighbours: [[UInt8]]
    /// The ids of the unsettled rows of the segment to be damaged.
    var ids: [UUID]
    var idsOfNeighbours: Set<UUID>

    /// Writes the segments as a producer's directory.
    func write(victim: [UInt8], below root: String) throws -> String {
      let directory = root + "/" + UUID().uuidString.lowercased()
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try SpoolFile.write([], to: directory + "/lock")
      for (index, bytes) in ([victim] + neighbours).enumerated() {
        try SpoolFile.write(bytes, to: "\(directory)/0000000\(index).segment")
      }
      return directory
    }
  }

  private func deadSpool() async throws -> DeadSpool {
    try await withTemporaryDirectory(inMemory: true) { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let core = try #require(client.core)
      let segments = try (0..<3).map { _ in try core.buffer.pool.take().get() }
      var number = 0
      func append(_ count: Int, to active: inout ActiveSegment) {
        for _ in 0..<count {
          number += 1
          let event = Numbered(number: number, padding: String(repeating: "p", count: number % 41))
          let outcome = active.append(
            id: UUIDBits(UUID()), timestamp: EventTimestamp(microsecondsSincePostgresEpoch: 0),
            context: core.context.values, event, { $0.write(to: &$1) })
          #expect(outcome == .appended)
        }
      }
      for segment in segments {
        var active = try ActiveSegment(segment)
        append(20, to: &active)
        if segment === segments[0] {
          try segment.sync()
          append(10, to: &active)
          try segment.sync()
          append(10, to: &active)
        } else {
          try segment.sync()
        }
      }
      let files = try segments.map { try SpoolFile.read(try #require($0.path)) }
      // Seven rows of this segment are settled.
      var victim = files[0]
      let rows = victim[SegmentHeader.bytes...]
      var settled = 0
      for _ in 0..<7 {
        settled += try #require(
          rows.dropFirst(settled).withUnsafeBytes { RowLayout.rowLength($0) })
      }
      SpoolFile.set(&victim, at: 1024, to: UInt64(settled))
      return DeadSpool(
        victim: victim, neighbours: Array(files[1...]), ids: try SpoolFile.waiting(victim),
        idsOfNeighbours: Set(try files[1...].flatMap(SpoolFile.waiting)))
    }
  }

  /// All bits of a header page that have a meaning.
  private static let bits = [0..<328, 512..<520, 1024..<1032, 1536..<1560]
    .flatMap { $0 }.flatMap { byte in (0..<8).map { (byte: byte, bit: UInt8(1 << $0)) } }

  @Test(
    "in its header page affects no other segment; unreadable events are counted and named",
    arguments: [false, true])
  func everyBit(afterPowerLoss: Bool) async throws {
    var spool = try await deadSpool()
    if afterPowerLoss {
      SpoolFile.setAnotherBoot(&spool.victim)
      for index in spool.neighbours.indices { SpoolFile.setAnotherBoot(&spool.neighbours[index]) }
    }
    try await withTemporaryDirectory(inMemory: true) { root in
      let client = try AnalyticsClient(
        .durable(in: root), sink: UnusedSink())
      let buffer = try #require(client.core?.buffer)
      // A bit that the header's checksum covers is refused in both cases, so fewer of these bits suffice after a power
      // loss.
      let bits = Self.bits.filter { !afterPowerLoss || $0.byte >= 512 || $0.byte % 16 == 0 }
      for (byte, bit) in bits {
        var victim = spool.victim
        victim[byte] ^= bit
        let directory = try spool.write(victim: victim, below: root)
        let before = client.accounting
        let problems = try buffer.adopt().problems
        let found = try buffer.drainAll()
        let after = client.accounting
        let losses = buffer.takeLosses()
        let place: Comment = "byte \(byte), bit \(bit)"

        #expect(Set(found).isSuperset(of: spool.idsOfNeighbours), place)
        #expect(Set(found).count == found.count, place)
        let ofVictim = found.filter { !spool.idsOfNeighbours.contains($0) }
        let known = Set(try SpoolFile.waiting(Self.undrained(spool.victim)))
        #expect(known.isSuperset(of: ofVictim), place)
        let lost = (after.dropped[.lost] ?? 0) - (before.dropped[.lost] ?? 0)
        #expect(after.isBalanced && after.pending == 0, place)
        #expect(after.recovered - before.recovered == found.count + lost, place)
        #expect(losses.reduce(0) { $0 + $1.count } == lost, place)

        let isWhole = Set(ofVictim).isSuperset(of: spool.ids)
        let isLeft = FileManager.default.fileExists(atPath: directory + "/00000000.segment")
        if isLeft {
          #expect(problems.count == 1, place)
          #expect(try SpoolFile.read(directory + "/00000000.segment") == victim, place)
        } else if byte < 512 {
          #expect(isWhole || lost > 0, place)
        } else {
          // A damaged counter does not matter, because the table of rows has the correct values.
          #expect(isWhole, place)
        }
        try? FileManager.default.removeItem(atPath: directory)
      }
    }
  }

  private static func undrained(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    SpoolFile.set(&bytes, at: 1024, to: 0)
    return bytes
  }
}
