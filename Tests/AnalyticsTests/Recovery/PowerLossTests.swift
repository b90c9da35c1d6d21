import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("After a power loss", .timeLimit(.minutes(10)))
struct PowerLossTests {
  private static let sector = 512
  private static let page = 4096

  /// The file at the last sync that came to its end, and when the power went.
  private struct Images {
    var synced: [UInt8]
    var last: [UInt8]
    var ids: [UUID]
    var syncedRows: Int
    var drainedRows: Int
  }

  /// A segment in its second life: behind its rows lie those of the first.
  private func images(using random: inout SeededGenerator) async throws -> Images {
    try await withTemporaryFolder { folder in
      let client = try AnalyticsClient(.durable(in: folder), sink: UnusedSink())
      let core = try #require(client.core)
      let segment = try core.buffer.pool.take().get()
      let path = try #require(segment.path)
      // Rows of one size make the first life's fit behind any of the second.
      let isEven = random.chance(0.5)
      func append(_ count: Int, to active: inout ActiveSegment) -> [UUID] {
        (0..<count).map { number in
          let id = UUID()
          let padding = String(repeating: "p", count: isEven ? 50 : random.below(400))
          let outcome = active.append(
            id: UUIDBits(id), timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 0),
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

  /// What a device may hold: of each page the one or the other, of the header's page each sector.
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
    "with pages on the device in any order, all that was synced is there, in order, and no more")
  func pagesInAnyOrder() async throws {
    var random = SeededGenerator.printingSeed()
    try await withTemporaryFolder { folder in
      for _ in 0..<60 {
        let images = try await images(using: &random)
        for _ in 0..<10 {
          let bytes = torn(images, using: &random)
          try SpoolFile.write(bytes, to: folder + "/1.segment")
          let left = try LeftSegment(folder + "/1.segment", bootID: Machine.bootID)
          let data = UnsafeRawBufferPointer(
            start: left.memory.base + SegmentHeader.bytes + left.drained,
            count: left.committed - left.drained)
          let found = try CopyRow.all(Array(data)).map(\.id)
          // Settled as far as the device knows, or from the start: those come again as duplicates.
          let isDrainedKnown = SpoolFile.number(bytes, at: 1024) > 0
          let settled = isDrainedKnown ? min(images.drainedRows, images.syncedRows) : 0
          let synced = images.ids.prefix(images.syncedRows)
          #expect(found == Array(synced.dropFirst(settled)) || found == Array(synced))
          #expect(left.rows == found.count)
          let isMoreCounted = SpoolFile.number(bytes, at: 512) > left.committed
          let isRestSettled = isDrainedKnown && images.drainedRows == images.ids.count
          if isMoreCounted && !isRestSettled { #expect(left.lost > 0) }
          if !isMoreCounted { #expect(left.lost == 0) }
        }
      }
    }
  }

  @Test("the next start stores what was synced, and counts and names the rest")
  func nextStart() async throws {
    try await withTemporaryFolder { folder in
      var ids: [UUID] = []
      try await DeadProcess.leave(in: folder) { client in
        for number in 0..<10 { client.track(Numbered(number: number)) }
        try client.core?.buffer.syncAndUnmap()
        ids = try client.waitingRows().map(\.id)
        for number in 10..<25 { client.track(Numbered(number: number)) }
      }
      for file in segmentFiles(in: folder) where (try? SpoolFile.header(file)) != nil {
        try SpoolFile.change(file, SpoolFile.setAnotherBoot)
      }
      let log = RecordedLog()
      let client = try AnalyticsClient(
        .durable(in: folder), sink: UnusedSink(destination: "memory"))
      let buffer = try #require(client.core?.buffer)
      await Keeper(core: try #require(client.core), logger: log.logger).start()
      #expect(Set(try buffer.drainAll()) == Set(ids))
      #expect(client.accounting.recovered == 25)
      #expect(client.accounting.stored == 10)
      #expect(client.accounting.dropped == [.lost: 15])
      #expect(client.accounting.isBalanced)
      let lines = log.lines.filter { $0.contains("events in the spool are lost") }
      #expect(lines.count <= 2 && !lines.isEmpty)
      #expect(lines.allSatisfy { $0.contains("not all on the device when the machine stopped") })
    }
  }
}
