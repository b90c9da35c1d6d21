import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A batch in key order")
struct KeyOrderTests {
  /// The key of a row as PostgreSQL compares it, with the row's bytes.
  private struct Row: Hashable {
    let timestamp: Int64
    let id: [UInt8]
    let bytes: [UInt8]

    init(_ row: EventRow) {
      timestamp = row.timestamp.microsecondsSincePostgresEpoch
      id = withUnsafeBytes(of: row.id.uuid, Array.init)
      bytes = Array(row.bytes)
    }
  }

  private func rows(_ batch: EventBatch) -> [Row] {
    var rows: [Row] = []
    batch.forEachRow { rows.append(Row($0)) }
    return rows
  }

  /// A batch of several segments, divided into pieces at random places.
  private func batch(using random: inout SeededGenerator) throws -> EventBatch {
    // There are few instants, some before 2000. Many ids differ only in one byte.
    let instants = (0..<20).map { _ in
      Int64.random(in: -2_000_000_000_000_000...2_000_000_000_000_000, using: &random)
    }
    let segments = try (0..<Int.random(in: 1...4, using: &random)).map { _ in
      let count = Int.random(in: 1...60, using: &random)
      let events = (0..<count).map { index in
        EnrichedEvent(
          timestamp: EventTimestamp(
            microsecondsSinceUnixEpoch: instants.randomElement(using: &random)!),
          event: .projectCreated(
            projectID: UUID(), userID: UUID(), name: String(repeating: "é", count: index)),
          hostname: "host", environment: nil)
      }
      let ids = (0..<count).map { _ in
        var bytes = [UInt8](repeating: 0x7f, count: 16)
        for _ in 0..<2 { bytes[.random(in: 0..<16, using: &random)] = random.next() }
        return UUID(uuid: bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
      }
      return try EventBatch.encoding(events, ids: ids)
    }
    var parts: [EventBatch] = []
    for segment in segments {
      let (head, tail) = segment.split(at: Int.random(in: 0...segment.rowCount, using: &random))
      parts += [head, tail].compactMap { $0 }
    }
    return EventBatch(joining: parts.shuffled(using: &random))
  }

  @Test("has the same rows, byte for byte, ordered by time and then by id")
  func order() throws {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<200 {
      let batch = try batch(using: &random).asRetryOfUnknownOutcome
      let sorted = batch.inKeyOrder()
      let expected = rows(batch).sorted { a, b in
        a.timestamp == b.timestamp
          ? a.id.lexicographicallyPrecedes(b.id) : a.timestamp < b.timestamp
      }
      #expect(rows(sorted).map(\.timestamp) == expected.map(\.timestamp))
      #expect(rows(sorted).map(\.id) == expected.map(\.id))
      #expect(Set(rows(sorted)) == Set(expected))
      #expect(sorted.rowCount == batch.rowCount && sorted.byteCount == batch.byteCount)
      #expect(sorted.mayBeStored)
    }
  }

  @Test("needs no new pieces if the rows are in order already")
  func inOrder() throws {
    var random = SeededGenerator.printingSeed()
    let sorted = try batch(using: &random).inKeyOrder()
    #expect(sorted.inKeyOrder().rows.pieces.count == sorted.rows.pieces.count)
    // Consecutive rows of a segment become one piece again.
    let (head, tail) = sorted.split(at: sorted.rowCount / 2)
    let halves = EventBatch(joining: [tail, head].compactMap { $0 })
    #expect(halves.inKeyOrder().rows.pieces.count == sorted.rows.pieces.count)
  }
}
