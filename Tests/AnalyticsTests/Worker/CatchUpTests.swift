import AnalyticsTestKit
import AnalyticsTestSupport
import Synchronization
import Testing

@testable import Analytics

@Suite("A sink that is behind", .timeLimit(.minutes(30)))
struct CatchUpTests {
  /// Never catches up by itself.
  private final class BusySink: EventSink {
    let destination = "memory"
    let stored = InMemorySink()
    private let waiting = Atomic(0)

    var isWaitedFor: Bool { waiting.load(ordering: .relaxed) > 0 }

    func catchUp() async {
      waiting.add(1, ordering: .relaxed)
      await Latch().wait()
      waiting.subtract(1, ordering: .relaxed)
    }

    func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
      try await stored.write(batch)
    }

    func setAside(
      _ row: EventBatch, because refusal: EventSinkError
    ) async throws(EventSinkError) {
      try await stored.setAside(row, because: refusal)
    }
  }

  /// Runs a worker with a durable buffer of so many segments.
  private func withBusySink(
    segments: Int = 64, _ body: (BusySink, AnalyticsClient) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let sink = BusySink()
      var configuration = AnalyticsConfiguration.testing()
      configuration.segmentBytes = 64 << 10
      configuration.buffer = .durable(
        folder: folder, limitBytes: segments * configuration.segmentBytes)
      let client = try AnalyticsClient(configuration, sink: sink)
      try await withWorker(client) { try await body(sink, client) }
      #expect(client.accounting.pending == 0)
      #expect(client.accounting.isBalanced)
    }
  }

  @Test("gets nothing more before it has caught up, unless somebody flushes")
  func flush() async throws {
    try await withBusySink { sink, client in
      for round in 1...2 {
        client.track(Numbered(number: round))
        try await until { sink.isWaitedFor }
        #expect(sink.stored.events.count == round - 1)
        try await client.flush(timeout: .seconds(300))
        #expect(sink.stored.events.count == round)
      }
    }
  }

  @Test("gets the rest on shutdown")
  func shutdown() async throws {
    try await withBusySink { sink, client in
      client.track(Numbered(number: 1))
      try await until { sink.isWaitedFor }
      #expect(sink.stored.events.isEmpty)
    }
  }

  @Test("gets all as soon as the buffer is half full")
  func halfFull() async throws {
    try await withBusySink { sink, client in
      client.track(Numbered(number: 1))
      try await until { sink.isWaitedFor }
      while sink.stored.events.isEmpty {
        for number in 2...1000 { client.track(Numbered(number: number)) }
        try Task.checkCancellation()
        await Task.yield()
      }
      #expect(client.accounting.dropped.isEmpty)
    }
  }

  @Test("is not waited for with events that only memory has")
  func memory() async throws {
    let sink = BusySink()
    let client = try AnalyticsClient(.testing(), sink: sink)
    try await withWorker(client) {
      client.track(Numbered(number: 1))
      try await until { !sink.stored.events.isEmpty }
      #expect(!sink.isWaitedFor)
    }
  }
}
