import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A segment whose tail is torn")
struct TornTailTests {
  /// The bytes of a dead process's segment, with the ends of its rows.
  private struct Whole {
    var bytes: [UInt8]
    var rowEnds: [Int]
    var ids: [UUID]
    var synced: Int

    func rows(before length: Int) -> Int {
      rowEnds.prefix { $0 <= length - SegmentHeader.bytes }.count
    }
  }

  /// Some rows are synced, and some more are only committed.
  private func whole(rows count: Int = 24) async throws -> Whole {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let core = try #require(client.core)
      let segment = try core.buffer.pool.take().get()
      var active = try ActiveSegment(segment)
      var ends: [Int] = []
      var ids: [UUID] = []
      var synced = 0
      for number in 0..<count {
        let event = Numbered(number: number, padding: String(repeating: "p", count: number))
        let id = UUID()
        #expect(
          active.append(
            id: UUIDBits(id), timestamp: EventTimestamp(microsecondsSincePostgresEpoch: 0),
            context: core.context.values, event, { $0.write(to: &$1) }) == .appended)
        ids.append(id)
        ends.append(segment.committed)
        if number == count / 3 || number == count / 2 {
          try segment.sync()
          synced = segment.committed
        }
      }
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try #require(segment.path))))
      return Whole(bytes: bytes, rowEnds: ends, ids: ids, synced: synced)
    }
  }

  private func recover(
    _ bytes: some Collection<UInt8>, at file: String, bootID: UUID? = Machine.bootID
  ) throws -> [UUID] {
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    var left = try OrphanedSegment(file, bootID: bootID)
    if left.trusted.hasGaps { left = try left.withoutGaps(bootID: bootID) }
    let data = UnsafeRawBufferPointer(
      start: left.memory.base + SegmentHeader.bytes + left.drained,
      count: left.committed - left.drained)
    let found = try CopyRow.all(Array(data)).map(\.id)
    #expect(found.count == left.rows)
    return found
  }

  @Test("that is cut at any length has exactly the complete rows before the cut")
  func truncated() async throws {
    let whole = try await whole()
    let end = SegmentHeader.bytes + whole.rowEnds.last!
    try await withTemporaryDirectory { directory in
      let file = directory + "/1.segment"
      for length in SegmentHeader.bytes...end {
        let found = try recover(whole.bytes.prefix(length), at: file)
        #expect(found == Array(whole.ids.prefix(whole.rows(before: length))), "\(length)")
      }
      for length in stride(from: 0, to: SegmentHeader.bytes, by: 37) {
        #expect(throws: SegmentHeader.Problem.self, "\(length)") {
          try recover(whole.bytes.prefix(length), at: file)
        }
      }
    }
  }

  @Test("that is zeroed after any length has exactly the complete rows before it")
  func zeroed() async throws {
    let whole = try await whole()
    let end = SegmentHeader.bytes + whole.rowEnds.last!
    try await withTemporaryDirectory { directory in
      var bytes = whole.bytes
      for length in (SegmentHeader.bytes...end).reversed() {
        for index in length..<min(length + 1, bytes.count) { bytes[index] = 0 }
        let found = try recover(bytes, at: directory + "/1.segment")
        #expect(found == Array(whole.ids.prefix(whole.rows(before: length))), "\(length)")
      }
    }
  }

  @Test("with random bytes after any length has the rows before it, and causes no crash")
  func garbled() async throws {
    var random = SeededGenerator.printingSeed()
    let whole = try await whole()
    let end = SegmentHeader.bytes + whole.rowEnds.last!
    try await withTemporaryDirectory { directory in
      for length in SegmentHeader.bytes...end {
        var bytes = whole.bytes
        for index in length..<bytes.count {
          bytes[index] = UInt8(truncatingIfNeeded: random.next())
        }
        try Data(bytes).write(to: URL(fileURLWithPath: directory + "/1.segment"))
        let left = try OrphanedSegment(directory + "/1.segment", bootID: Machine.bootID)
        let expected = whole.rows(before: length)
        // Without a restart no page can be damaged. So a row with intact lengths may be read as complete.
        #expect(left.rows == expected || left.rows == expected + 1)
        #expect(left.committed <= whole.rowEnds.last!)
      }
    }
  }

  @Test(
    "has all complete rows after another start of the machine, synced or not")
  func anotherBoot() async throws {
    let whole = try await whole()
    #expect(whole.synced < whole.rowEnds.last!)
    try await withTemporaryDirectory(inMemory: true) { directory in
      let file = directory + "/1.segment"
      #expect(try recover(whole.bytes, at: file, bootID: UUID()) == whole.ids)
      // The pages from each place on were not written.
      let end = SegmentHeader.bytes + whole.rowEnds.last!
      for length in SegmentHeader.bytes..<end {
        var bytes = whole.bytes
        for index in length..<end { bytes[index] = 0 }
        let found = try recover(bytes, at: file, bootID: UUID())
        #expect(found == Array(whole.ids.prefix(whole.rows(before: length))), "\(length)")
      }
    }
  }

  @Test("loses only the torn rows after another start of the machine")
  func gaps() async throws {
    var random = SeededGenerator.printingSeed()
    let whole = try await whole()
    let starts = [0] + whole.rowEnds.dropLast()
    try await withTemporaryDirectory(inMemory: true) { directory in
      let file = directory + "/1.segment"
      for _ in 0..<300 {
        var bytes = whole.bytes
        let torn = Set((0..<random.below(6)).map { _ in random.below(whole.ids.count - 1) })
        for row in torn {
          // Either the id is another one, as in an older row, or the entry in the table was not written.
          let place =
            random.chance(0.5)
            ? SegmentHeader.bytes + starts[row] + 6 + random.below(16)
            : bytes.count - 8 * (row + 1) + random.below(8)
          bytes[place] ^= UInt8(1 << random.below(8))
        }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        #expect(try OrphanedSegment(file, bootID: UUID()).lost == torn.count)
        let found = try recover(bytes, at: file, bootID: UUID())
        #expect(found == whole.ids.indices.filter { !torn.contains($0) }.map { whole.ids[$0] })
        // The repaired file gives the same rows.
        #expect(try recover(try SpoolFile.read(file), at: file, bootID: UUID()) == found)
        #expect(contents(of: directory) == ["1.segment"])
      }
    }
  }

  @Test("shows which page of a row that spans two is missing, after another start of the machine")
  func rowsInTwoPages() async throws {
    try await withTemporaryDirectory(inMemory: true) { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let segment = try #require(client.core).buffer.pool.take().get()
      var active = try ActiveSegment(segment)
      var ids: [UUID] = []
      var starts = [0]
      for number in 0..<40 {
        ids.append(UUID())
        let event = Numbered(number: number, padding: String(repeating: "p", count: 900))
        let context = try #require(client.core).context.values
        _ = active.append(
          id: UUIDBits(ids[number]), timestamp: EventTimestamp(microsecondsSincePostgresEpoch: 0),
          context: context, event, { $0.write(to: &$1) })
        starts.append(segment.committed)
      }
      // The stale page has rows of an earlier use, with the same lengths at the same places.
      let bytes = try SpoolFile.read(try #require(segment.path))
      let stale = bytes.map { $0 == UInt8(ascii: "p") ? UInt8(ascii: "q") : $0 }
      let file = directory + "/1.segment"
      for page in 2..<8 {
        var torn = bytes
        let range = page * 4096..<(page + 1) * 4096
        torn.replaceSubrange(range, with: stale[range])
        let isTouched = zip(starts, starts.dropFirst()).map { start, end in
          let row = SegmentHeader.bytes + start..<SegmentHeader.bytes + end
          return row.overlaps(range) && start >> 12 != (end - 1) >> 12
        }
        let found = try recover(torn, at: file, bootID: UUID())
        #expect(isTouched.contains(true))
        for (id, isTouched) in zip(ids, isTouched) where isTouched { #expect(!found.contains(id)) }
      }
    }
  }

  @Test("with counters of any value is never read outside the file")
  func counters() async throws {
    var random = SeededGenerator.printingSeed()
    let whole = try await whole()
    try await withTemporaryDirectory { directory in
      let file = directory + "/1.segment"
      for _ in 0..<300 {
        var bytes = whole.bytes
        for offset in [512, 1024, 1536, 2048] where random.chance(0.6) {
          let value = UInt64(bitPattern: Int64(random.integer()))
          withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 8, with: $0) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        for bootID in [Machine.bootID, UUID()] {
          let left = try OrphanedSegment(file, bootID: bootID)
          #expect(left.drained <= left.committed)
          #expect(left.committed <= left.capacity)
        }
      }
    }
  }

  @Test("with any byte of its header changed counts as damaged")
  func header() async throws {
    let whole = try await whole()
    try await withTemporaryDirectory { directory in
      for byte in 0..<328 {
        var bytes = whole.bytes
        bytes[byte] ^= 0x10
        #expect(throws: SegmentHeader.Problem.self, "\(byte)") {
          try recover(bytes, at: directory + "/1.segment")
        }
      }
    }
  }
}
