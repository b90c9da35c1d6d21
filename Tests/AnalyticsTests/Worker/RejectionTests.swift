import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Rows that a sink rejects", .timeLimit(.minutes(60)))
struct RejectionTests {
  /// A sink that rejects odd numbers.
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

    func deadLetter(
      _ row: EventBatch, because refusal: EventSinkError
    ) async throws(EventSinkError) {
      try await stored.deadLetter(row, because: refusal)
    }
  }

  @Test("are counted by their reason; the rest of the batch is stored, the accounting is balanced")
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

  @Test("events dated too early are rejected before the sink, which receives only the others")
  func past() async throws {
    let sink = EvenSink()
    var configuration = AnalyticsConfiguration.testing()
    configuration.batchSize = 1000
    let earliest = configuration.acceptsFrom
    #expect(earliest == EventTimestamp(rfc3339: "2000-01-01T00:00:00Z"))
    let client = try AnalyticsClient(configuration, sink: sink)
    try await withWorker(client) {
      for number in 0..<100 {
        var time = earliest
        // Two events are too early, then two are at the bound, and so on.
        if number % 4 < 2 { time.microsecondsSinceUnixEpoch -= 1 + Int64(number) }
        client.track(Numbered(number: number), at: time)
      }
      try await client.flush(timeout: .seconds(300))
    }
    #expect(client.accounting.rejected == [.past: 50, .expired: 25])
    #expect(client.accounting.stored == 25)
    #expect(client.accounting.isBalanced)
    #expect(
      sink.stored.events.compactMap(\.number).sorted() == Array(stride(from: 2, to: 100, by: 4)))
  }

  @Test("the earliest time can be set to any time that timestamps support")
  func earliest() async throws {
    let sink = InMemorySink()
    var configuration = AnalyticsConfiguration.testing()
    configuration.acceptsFrom = EventTimestamp.supportedRange.lowerBound
    let client = try AnalyticsClient(configuration, sink: sink)
    try await withWorker(client) {
      client.track(Numbered(number: 1), at: EventTimestamp.supportedRange.lowerBound)
      try await client.flush(timeout: .seconds(300))
    }
    #expect(client.accounting.stored == 1 && client.accounting.rejected.isEmpty)
  }

  @Test("a filtered batch has only the selected rows, in order, across pieces")
  func filter() throws {
    let events = SampleEvents.oneOfEach().map {
      EnrichedEvent(
        timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 0), event: $0, hostname: nil,
        environment: nil)
    }
    let ids = events.map { _ in UUID() }
    let batch = try EventBatch.encoding(events, ids: ids).asRetryOfUnknownOutcome
    let (first, second) = batch.split(at: 7)
    let pieces = EventBatch(
      BufferedRows(pieces: [first, second].compactMap(\.self).flatMap(\.rows.pieces)))
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
