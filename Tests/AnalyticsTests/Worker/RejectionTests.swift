import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Rows that a sink passes over", .timeLimit(.minutes(10)))
struct RejectionTests {
  /// Passes over odd numbers.
  private struct EvenSink: EventSink {
    let destination = "memory"
    let stored = InMemorySink()

    func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
      let even = batch.filter { (StoredEvent($0).number ?? 0) % 2 == 0 }
      var receipt = EventReceipt(stored: 0)
      if let even { receipt = try await stored.write(even) }
      receipt.rejected = [.expired: batch.rowCount - (even?.rowCount ?? 0)]
      return receipt
    }

    func setAside(
      _ row: EventBatch, because refusal: EventSinkError
    ) async throws(EventSinkError) {
      try await stored.setAside(row, because: refusal)
    }
  }

  @Test("are counted by their reason; the rest of the batch is stored, and the books balance")
  func accounting() async throws {
    let sink = EvenSink()
    let client = try AnalyticsClient(.testing(), sink: sink)
    try await withWorker(client) {
      for number in 0..<101 { client.track(Numbered(number: number)) }
      try await until { client.accounting.pending == 0 }
    }
    #expect(client.accounting.stored == 51)
    #expect(client.accounting.rejected == [.expired: 50])
    #expect(client.accounting.isBalanced)
    #expect(
      sink.stored.events.compactMap(\.number).sorted() == Array(stride(from: 0, to: 101, by: 2)))
  }

  @Test("a filtered batch has just the rows asked for, in order, across pieces")
  func filter() throws {
    let events = SampleEvents.oneOfEach().map {
      EnrichedEvent(
        timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 0), event: $0, hostname: nil,
        environment: nil)
    }
    let ids = events.map { _ in UUID() }
    let batch = try EventBatch.encoding(events, ids: ids).asRetryOfUnknownOutcome
    let (first, second) = batch.split(at: 7)
    let pieces = EventBatch(pieces: [first, second].compactMap(\.self).flatMap(\.pieces))
    for wanted in [Set(ids), Set(ids.prefix(9)), Set(ids.suffix(3)), [ids[3], ids[4], ids[20]]] {
      var found: [UUID] = []
      let kept = try #require(pieces.filter { wanted.contains($0.id) })
      kept.forEachRow { found.append($0.id) }
      #expect(found == ids.filter(wanted.contains))
      #expect(kept.rowCount == wanted.count)
    }
    #expect(batch.filter { _ in false } == nil)
    #expect(batch.filter { $0.id == ids[0] }?.mayBeStored == true)
  }
}
