import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("After a power loss", .timeLimit(.minutes(60)))
struct PowerLossTests {
  private static let sector = 512
  private static let page = 4096

  /// The file at the last completed sync, and at the power loss.
  private struct Images {
    var synced: [UInt8]
    var last: [UInt8]
    var ids: [UUID]
    var syncedRows: Int
    var drainedRows: Int
  }

  /// A segment that is used a second time. After its rows are rows of the first use.
  private func images(using random: inout SeededGenerator) async throws -> Images {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let core = try #require(client.core)
      let segment = try core.buffer.pool.take().get()
      let path = try #require(segment.path)
      // With rows of one size, the rows of the first use fit after any row of the second.
      let isEven = random.chance(0.5)
      func append(_ count: Int, to active: inout ActiveSegment) -> [UUID] {
        (0..<count).map { number in
          let id = UUID()
          let padding = String(repeating: "p", count: isEven ? 50 : random.below(400))
          let outcome = active.append(
            id: UUIDBits(id), timestamp: EventTimestamp(microsecondsSincePostgresEpoch: 0),
            context: core.context.values, Numbered(number: 100 + number, padding: padding),
            { $0.write(to: &$1) })
          #expect(outcome == .appended)
          return id
        }
      }
      var active = try ActiveSegment(segment)
      _ = append(60, to: &active)
      try segment.sync()
      try segment.begin(
        SegmentHeader(
          producer: UUID(), bootID: UUID(), capacity: segment.capacity, sequence: 2,
          destination: "nowhere"))
      active = try ActiveSegment(segment)
      var ids: [UUID] = []
      var images = Images(synced: [], last: [], ids: [], syncedRows: 0, drainedRows: 0)
      for _ in 0..<1 + random.below(3) {
        ids += append(1 + random.below(15), to: &active)
        try segment.sync()
      }
      images.syncedRows = ids.count
      images.synced = try SpoolFile.read(path)
      ids += append(random.below(20), to: &active)
      images.last = try SpoolFile.read(path)
      images.drainedRows = random.below(ids.count + 1)
      let data = images.last[SegmentHeader.bytes...]
      let drained = try (0..<images.drainedRows).reduce(0) { offset, _ in
        offset + (try #require(data.dropFirst(offset).withUnsafeBytes { RowLayout.rowLength($0) }))
      }
      SpoolFile.set(&images.last, at: 1024, to: UInt64(drained))
      images.ids = ids
      return images
    }
  }

  /// A possible state of the device. Each page, and each sector of the header's page, has the old or the new contents.
  private func torn(_ images: Images, using random: inout SeededGenerator) -> [UInt8] {
    var bytes = images.synced
    for start in stride(from: 0, to: Self.page, by: Self.sector) where random.chance(0.5) {
      bytes.replaceSubrange(
        start..<start + Self.sector, with: images.last[start..<start + Self.sector])
    }
    for start in stride(from: Self.page, to: bytes.count, by: Self.page) where random.chance(0.5) {
      bytes.replaceSubrange(start..<start + Self.page, with: images.last[start..<start + Self.page])
    }
    return bytes
  }

  @Test(
    "whichever pages were written, all synced, unsettled rows are found in order, and no torn row")
  func pagesInAnyOrder() async throws {
    var random = SeededGenerator.printingSeed()
    var unsynced = 0
    try await withTemporaryDirectory { directory in
      for _ in 0..<60 {
        let images = try await images(using: &random)
        for _ in 0..<10 {
          let bytes = torn(images, using: &random)
          let file = directory + "/1.segment"
          try SpoolFile.write(bytes, to: file)
          var left = try OrphanedSegment(file, bootID: Machine.bootID)
          let (rows, lost) = (left.rows, left.lost)
          if left.trusted.hasGaps { left = try left.withoutGaps(bootID: Machine.bootID) }
          let data = UnsafeRawBufferPointer(
            start: left.memory.base + SegmentHeader.bytes + left.drained,
            count: left.committed - left.drained)
          let found = try CopyRow.all(Array(data)).map(\.id)
          #expect(rows == found.count)
          // The settled rows are those that the device recorded. If it recorded none, they are stored again as
          // duplicates.
          let isDrainedKnown = SpoolFile.number(bytes, at: 1024) > 0
          let settled = isDrainedKnown ? images.drainedRows : 0
          let synced = images.ids.prefix(images.syncedRows)
          let places = found.compactMap(images.ids.firstIndex)
          #expect(places.count == found.count && places == places.sorted())
          #expect(Set(found).isSuperset(of: synced.dropFirst(settled)))
          unsynced += found.count { !synced.contains($0) }
          // Rows that were counted but are neither found nor settled must be reported as lost.
          let counted = SpoolFile.number(bytes, at: 512) > 0 && isWhole(bytes, images)
          let missing = images.ids.dropFirst(settled).filter { !found.contains($0) }
          if counted { #expect(lost == missing.count || lost > 0 || missing.isEmpty) }
          // A counter of settled rows that exceeds all rows and all other counters may be one of the segment's first
          // use. It is ignored, and the rows below it may count as lost.
          let isReached =
            (places.last ?? -1) + 1 >= images.drainedRows
            || SpoolFile.number(bytes, at: 512) >= SpoolFile.number(bytes, at: 1024)
          let unread = images.ids.prefix(settled).count { !found.contains($0) }
          if missing.isEmpty { #expect(lost <= (isReached ? 0 : unread)) }
        }
      }
    }
    #expect(unsynced > 0)
  }

  /// Whether the counter includes all rows.
  private func isWhole(_ bytes: [UInt8], _ images: Images) -> Bool {
    SpoolFile.number(bytes, at: 512) == SpoolFile.number(images.last, at: 512)
  }

  @Test("the next start stores complete rows, and counts and names the others")
  func nextStart() async throws {
    try await withTemporaryDirectory { directory in
      let ids = try await DeadProcess.leave(in: directory) { client in
        for number in 0..<25 { client.track(Numbered(number: number)) }
      }
      var torn = 0
      for file in segmentFiles(in: directory) where (try? SpoolFile.header(file)) != nil {
        try SpoolFile.change(file) { bytes in
          SpoolFile.setAnotherBoot(&bytes)
          // The first row has the bytes of an older row.
          bytes[SegmentHeader.bytes + 10] ^= 1
        }
        torn += 1
      }
      let log = RecordedLog()
      let client = try AnalyticsClient(
        .durable(in: directory), sink: UnusedSink(destination: "memory"))
      let buffer = try #require(client.core?.buffer)
      await SpoolMaintenance(core: try #require(client.core), logger: log.logger).start()
      #expect(Set(ids).isSuperset(of: try buffer.drainAll()))
      #expect(client.accounting.recovered == 25)
      #expect(client.accounting.stored == 25 - torn)
      #expect(client.accounting.dropped == [.lost: torn])
      #expect(client.accounting.isBalanced)
      let lines = log.lines.filter { $0.contains("events in the spool are lost") }
      #expect(lines.count == torn && torn > 0)
      #expect(
        lines.allSatisfy {
          $0.contains("not fully written to the device when the machine stopped")
        })
    }
  }

  @Test("a restart without power loss, or on another machine, loses nothing and reports no loss")
  func cleanRestart() async throws {
    try await withTemporaryDirectory { directory in
      let ids = try await DeadProcess.leave(in: directory) { client in
        for number in 0..<1000 {
          client.track(Numbered(number: number, padding: String(repeating: "p", count: 300)))
        }
      }
      for file in segmentFiles(in: directory) where (try? SpoolFile.header(file)) != nil {
        try SpoolFile.change(file, SpoolFile.setAnotherBoot)
      }
      let (sink, log) = (InMemorySink(), RecordedLog())
      let client = try AnalyticsClient(.durable(in: directory), sink: sink)
      try await withWorker(client, logger: log.logger) {}
      #expect(Set(sink.events.map(\.id)) == Set(ids) && sink.events.count == 1000)
      #expect(client.accounting.dropped.isEmpty)
      #expect(log.lines.filter { $0.contains("lost") }.isEmpty)
    }
  }
}
