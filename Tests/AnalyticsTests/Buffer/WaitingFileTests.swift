import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A file of the spool that is damaged while its process runs", .timeLimit(.minutes(60)))
struct WaitingFileTests {
  private enum Harm: CaseIterable {
    case deleted, cutShort, emptied, garbled, headerGone, extended

    func harm(_ file: String, using random: inout SeededGenerator) throws {
      switch self {
      case .deleted: try FileManager.default.removeItem(atPath: file)
      case .cutShort: truncate(file, off_t(random.below(64 << 10)))
      case .emptied: truncate(file, 0)
      case .extended: truncate(file, 1 << 20)
      case .garbled:
        let random = (0..<2000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        try SpoolFile.change(file) { $0.replaceSubrange(20_000..<22_000, with: random) }
      case .headerGone:
        try SpoolFile.change(file) { bytes in
          for index in 0..<SegmentHeader.bytes { bytes[index] = 0xff }
        }
      }
    }
  }

  private let padding = String(repeating: "p", count: 900)

  /// The waiting segments of a buffer, with the ids of their rows.
  private func waiting(_ buffer: EventBuffer) throws -> [(file: String, ids: [UUID])] {
    try buffer.stripes.flatMap { $0.segments().queue }.filter { !$0.isMapped }.map { segment in
      let file = try #require(segment.path)
      return (file, try SpoolFile.waiting(SpoolFile.read(file)))
    }
  }

  @Test(
    "loses only its own events: they are counted and logged with the file, and others are stored")
  func waitingFiles() async throws {
    var random = SeededGenerator.printingSeed()
    for harm in Harm.allCases {
      try await withTemporaryDirectory { directory in
        do {
          let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
          let buffer = try #require(client.core?.buffer)
          for number in 0..<1500 { client.track(Numbered(number: number, padding: padding)) }
          // Some rows are settled, so that a file may be cut below them.
          let some = try #require(
            try buffer.nextBatch(rowsMax: 1 + random.below(400), bytesMax: .max))
          buffer.settle(some, EventReceipt(stored: some.rowCount))
          buffer.release(some)
          let all = Set(try client.waitingRows().map(\.id))
          try buffer.syncAndUnmap()
          let waiting = try waiting(buffer)
          try #require(!waiting.isEmpty)
          // One at least, and others by chance.
          let first = random.below(waiting.count)
          let files = waiting.enumerated()
            .filter { $0.offset == first || random.chance(0.3) }.map(\.element)
          for (file, _) in files { try harm.harm(file, using: &random) }

          let found = try buffer.drainAll()
          let harmed = Set(files.flatMap(\.ids))
          #expect(Set(found).count == found.count, "\(harm)")
          #expect(all.isSuperset(of: found), "\(harm)")
          #expect(Set(found).isSuperset(of: all.subtracting(harmed)), "\(harm)")
          if harm == .deleted || harm == .emptied { #expect(harmed.isDisjoint(with: found)) }
          if harm == .headerGone || harm == .extended { #expect(found.count == all.count) }
          let losses = buffer.takeLosses()
          #expect(losses.count <= files.count)
          #expect(losses.reduce(0) { $0 + $1.count } == all.count - found.count, "\(harm)")
          #expect(client.accounting.dropped[.lost] ?? 0 == all.count - found.count, "\(harm)")
          #expect(client.accounting.pending == 0)
          #expect(client.accounting.isBalanced)

          for _ in 0..<3 {
            try buffer.prepareSegments()
            for number in 0..<500 {
              #expect(client.track(Numbered(number: number, padding: padding)) == nil, "\(harm)")
            }
            try buffer.syncAndUnmap()
            #expect(try buffer.drainAll().count == 500, "\(harm)")
          }
          #expect(buffer.takeLosses().isEmpty)
          #expect(client.accounting.isBalanced)
        }
        #expect(await leftovers(of: directory) == [], "\(harm)")
      }
    }
  }

  @Test("loses only its own events when it is cut below the settled ones", arguments: 0..<24)
  func cutBelowSettled(kibibytes: Int) async throws {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let buffer = try #require(client.core?.buffer)
      for number in 0..<500 { client.track(Numbered(number: number, padding: padding)) }
      let some = try #require(try buffer.nextBatch(rowsMax: 100, bytesMax: .max))
      buffer.settle(some, EventReceipt(stored: some.rowCount))
      buffer.release(some)
      let all = Set(try client.waitingRows().map(\.id))
      try buffer.syncAndUnmap()
      let cut = try #require(try waiting(buffer).first)
      truncate(cut.file, off_t(SegmentHeader.bytes + kibibytes << 10 + 1))

      let found = try buffer.drainAll()
      #expect(Set(found).count == found.count && all.isSuperset(of: found))
      #expect(Set(found).isSuperset(of: all.subtracting(cut.ids)))
      #expect(client.accounting.dropped[.lost] ?? 0 == all.count - found.count)
      #expect(client.accounting.pending == 0 && client.accounting.isBalanced)
    }
  }

  @Test(
    "loses only its own events, and nothing outside it is read, when a counter is out of range",
    arguments: [512, 1024], [-1, 1 << 40, Int.min, .max])
  func counters(offset: Int, value: Int) async throws {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let buffer = try #require(client.core?.buffer)
      for number in 0..<500 { client.track(Numbered(number: number, padding: padding)) }
      let all = Set(try client.waitingRows().map(\.id))
      try buffer.syncAndUnmap()
      let sealed = buffer.stripes.flatMap { $0.segments().queue }.filter { !$0.isMapped }
      let segment = try #require(sealed.first)
      let harmed = try SpoolFile.waiting(SpoolFile.read(try #require(segment.path)))
      do {
        let memory = try segment.mapped()
        (memory.base + offset).storeBytes(of: value, as: Int.self)
      }
      // Syncing, unmapping, closing and mapping again use the counters, too. The sync may fail.
      try? buffer.syncAndUnmap()
      buffer.close()

      let found = try buffer.drainAll()
      // The process knows by itself which rows are settled.
      let lost = offset == 512 ? Set(harmed) : []
      #expect(found.count == Set(found).count && Set(found) == all.subtracting(lost))
      #expect(client.accounting.dropped[.lost] ?? 0 == lost.count)
      #expect(client.accounting.pending == 0 && client.accounting.isBalanced)
    }
  }

  @Test("after adoption from a dead process loses only its own events when it is cut")
  func adoptedFiles() async throws {
    var random = SeededGenerator.printingSeed()
    for settled in [0, 30, 200] {
      try await withTemporaryDirectory { directory in
        try await DeadProcess.leave(in: directory) { client in
          for number in 0..<500 { client.track(Numbered(number: number, padding: padding)) }
          let buffer = try #require(client.core?.buffer)
          guard settled > 0, let batch = try buffer.nextBatch(rowsMax: settled, bytesMax: .max)
          else { return }
          buffer.settle(batch, EventReceipt(stored: batch.rowCount))
          buffer.release(batch)
        }
        let client = try AnalyticsClient(
          .durable(in: directory), sink: UnusedSink(destination: "memory"))
        let buffer = try #require(client.core?.buffer)
        buffer.identify(nil)
        #expect(try buffer.adopt().rows == 500 - settled)
        let files = try segmentFiles(in: directory).map { file in
          (file: file, ids: try SpoolFile.waiting(SpoolFile.read(file)))
        }.filter { !$0.ids.isEmpty }
        let all = Set(files.flatMap(\.ids))
        #expect(all.count == 500 - settled)
        // At least this file is cut.
        let one = random.pick(files).file
        var whole: Set<UUID> = []
        for (file, ids) in files {
          if file == one || random.chance(0.5) {
            truncate(file, off_t(random.below(64 << 10)))
          } else {
            whole.formUnion(ids)
          }
        }
        let found = try buffer.drainAll()
        #expect(Set(found).count == found.count)
        #expect(all.isSuperset(of: found) && whole.isSubset(of: found))
        #expect(client.accounting.dropped[.lost] ?? 0 == 500 - settled - found.count)
        #expect(client.accounting.pending == 0 && client.accounting.isBalanced)
      }
    }
  }

  @Test("is logged in one line, and a flush does not wait for lost events")
  func flush() async throws {
    try await withTemporaryDirectory { directory in
      let sink = InMemorySink()
      var configuration = AnalyticsConfiguration.durable(in: directory)
      configuration.buffer = .durable(directory: directory, syncInterval: .milliseconds(5))
      let client = try AnalyticsClient(configuration, sink: sink)
      let buffer = try #require(client.core?.buffer)
      for number in 0..<500 { client.track(Numbered(number: number, padding: padding)) }
      try buffer.syncAndUnmap()
      let harmed = try #require(try waiting(buffer).first)
      try FileManager.default.removeItem(atPath: harmed.file)
      let log = RecordedLog()
      try await withWorker(client, logger: log.logger) {
        try await client.flush(timeout: .seconds(300))
        try await until { !log.lines.isEmpty }
      }
      #expect(sink.events.count == 500 - harmed.ids.count)
      #expect(
        log.lines == [
          "error events in the spool are lost analytics.events=\(harmed.ids.count) "
            + "analytics.reason=\(harmed.file) was deleted, truncated or damaged "
            + "while its events waited"
        ])
    }
  }

  @Test("loses nothing if it was mapped when it was deleted, while the process runs")
  func deletedWhileMapped() async throws {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let buffer = try #require(client.core?.buffer)
      for number in 0..<500 { client.track(Numbered(number: number, padding: padding)) }
      for file in segmentFiles(in: directory) { try FileManager.default.removeItem(atPath: file) }
      #expect(throws: SystemError.self) { try buffer.syncAndUnmap() }
      #expect(try buffer.drainAll().count == 500)
      // No event is appended to a deleted file, because no process could find it later.
      try buffer.prepareSegments()
      for number in 0..<500 { client.track(Numbered(number: number, padding: padding)) }
      try buffer.syncAndUnmap()
      try buffer.prepareSegments()
      #expect(try buffer.drainAll().count == 500)
      #expect(client.accounting.dropped.isEmpty)
      let unmapped = try waiting(buffer)
      #expect(unmapped.allSatisfy { FileManager.default.fileExists(atPath: $0.file) })
    }
  }
}
