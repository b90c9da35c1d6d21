import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A segment whose tail is torn")
struct TornTailTests {
  /// A segment of a dead process as bytes, and where each of its rows ends.
  private struct Whole {
    var bytes: [UInt8]
    var rowEnds: [Int]
    var ids: [UUID]
    var synced: Int

    func rows(before length: Int) -> Int {
      rowEnds.prefix { $0 <= length - SegmentHeader.bytes }.count
    }
  }

  /// Some rows are synced, then some more are committed.
  private func whole(rows count: Int = 24) async throws -> Whole {
    try await withTemporaryFolder { folder in
      let client = try AnalyticsClient(.durable(in: folder), sink: UnusedSink())
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
            id: UUIDBits(id), timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 0),
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
    let left = try LeftSegment(file, bootID: bootID)
    let data = UnsafeRawBufferPointer(
      start: left.memory.base + SegmentHeader.bytes + left.drained,
      count: left.committed - left.drained)
    let found = try CopyRow.all(Array(data)).map(\.id)
    #expect(found.count == left.rows)
    return found
  }

  @Test("cut off at every length, gives exactly the whole rows before the cut")
  func truncated() async throws {
    let whole = try await whole()
    let end = SegmentHeader.bytes + whole.rowEnds.last!
    try await withTemporaryFolder { folder in
      let file = folder + "/1.segment"
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

  @Test("zeroed behind every length, gives exactly the whole rows before it")
  func zeroed() async throws {
    let whole = try await whole()
    let end = SegmentHeader.bytes + whole.rowEnds.last!
    try await withTemporaryFolder { folder in
      var bytes = whole.bytes
      for length in (SegmentHeader.bytes...end).reversed() {
        for index in length..<min(length + 1, bytes.count) { bytes[index] = 0 }
        let found = try recover(bytes, at: folder + "/1.segment")
        #expect(found == Array(whole.ids.prefix(whole.rows(before: length))), "\(length)")
      }
    }
  }

  @Test("garbled behind every length, gives the rows before it and never crashes")
  func garbled() async throws {
    var random = SeededGenerator.printingSeed()
    let whole = try await whole()
    let end = SegmentHeader.bytes + whole.rowEnds.last!
    try await withTemporaryFolder { folder in
      for length in SegmentHeader.bytes...end {
        var bytes = whole.bytes
        for index in length..<bytes.count {
          bytes[index] = UInt8(truncatingIfNeeded: random.next())
        }
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/1.segment"))
        let left = try LeftSegment(folder + "/1.segment", bootID: Machine.bootID)
        let expected = whole.rows(before: length)
        // Within a boot nothing garbles a page; a row whose lengths stand may pass for whole.
        #expect(left.rows == expected || left.rows == expected + 1)
        #expect(left.committed <= whole.rowEnds.last!)
      }
    }
  }

  @Test("after a power loss, garbled behind every length, gives only what a checksum vouches for")
  func powerLoss() async throws {
    var random = SeededGenerator.printingSeed()
    let whole = try await whole()
    let syncedRows = whole.rowEnds.prefix { $0 <= whole.synced }.count
    try await withTemporaryFolder { folder in
      let file = folder + "/1.segment"
      #expect(
        try recover(whole.bytes, at: file, bootID: UUID()) == Array(whole.ids.prefix(syncedRows)))
      for length in SegmentHeader.bytes...SegmentHeader.bytes + whole.synced {
        var bytes = whole.bytes
        for index in length..<bytes.count {
          bytes[index] = UInt8(truncatingIfNeeded: random.next())
        }
        let found = try recover(bytes, at: file, bootID: UUID())
        // The second sync vouches for all, the first for its part, or there is nothing.
        let firstSync = whole.rowEnds[24 / 3]
        let expected =
          length >= SegmentHeader.bytes + whole.synced
          ? syncedRows : length >= SegmentHeader.bytes + firstSync ? 24 / 3 + 1 : 0
        #expect(found == Array(whole.ids.prefix(expected)), "\(length)")
      }
    }
  }

  @Test("after a power loss, with one record of the syncs torn, believes the other")
  func tornSlots() async throws {
    let whole = try await whole()
    let counts = [24 / 3 + 1, 24 / 2 + 1]
    try await withTemporaryFolder { folder in
      let file = folder + "/1.segment"
      for byte in 0..<16 {
        var second = whole.bytes
        second[SegmentHeader.syncedSlots[1] + byte] ^= 0x41
        let withoutSecond = try recover(second, at: file, bootID: UUID())
        #expect(withoutSecond.count == counts[0])
        var first = whole.bytes
        first[SegmentHeader.syncedSlots[0] + byte] ^= 0x41
        let withoutFirst = try recover(first, at: file, bootID: UUID())
        #expect(withoutFirst.count == counts[1])
        first[SegmentHeader.syncedSlots[1] + byte] ^= 0x41
        let withoutBoth = try recover(first, at: file, bootID: UUID())
        #expect(withoutBoth.isEmpty)
      }
    }
  }

  @Test("with counters of any value, never reads outside the file")
  func counters() async throws {
    var random = SeededGenerator.printingSeed()
    let whole = try await whole()
    try await withTemporaryFolder { folder in
      let file = folder + "/1.segment"
      for _ in 0..<300 {
        var bytes = whole.bytes
        for offset in [512, 1024, 1536, 2048] where random.chance(0.6) {
          let value = UInt64(bitPattern: Int64(random.integer()))
          withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 8, with: $0) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        for bootID in [Machine.bootID, UUID()] {
          let left = try LeftSegment(file, bootID: bootID)
          #expect(left.drained <= left.committed)
          #expect(left.committed <= left.capacity)
        }
      }
    }
  }

  @Test("with any byte of its header changed, is damaged and not believed")
  func header() async throws {
    let whole = try await whole()
    try await withTemporaryFolder { folder in
      for byte in 0..<328 {
        var bytes = whole.bytes
        bytes[byte] ^= 0x10
        #expect(throws: SegmentHeader.Problem.self, "\(byte)") {
          try recover(bytes, at: folder + "/1.segment")
        }
      }
    }
  }
}
