import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@testable import Analytics

@Suite("A sink that is behind", .timeLimit(.minutes(60)))
struct CatchUpTests {
  /// A sink that does not catch up by itself.
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

    func deadLetter(
      _ row: EventBatch, because refusal: EventSinkError
    ) async throws(EventSinkError) {
      try await stored.deadLetter(row, because: refusal)
    }
  }

  /// Runs a test with a durable buffer while the worker waits. It has stored one event.
  private func withWaitingWorker(
    below directory: String? = nil,
    _ body: (BusySink, AnalyticsClient) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { temporary in
      let sink = BusySink()
      var configuration = AnalyticsConfiguration.testing()
      configuration.segmentBytes = 64 << 10
      configuration.buffer = .durable(
        directory: directory ?? temporary, limitBytes: 64 * configuration.segmentBytes)
      let client = try AnalyticsClient(configuration, sink: sink)
      try await withWorker(client) {
        client.track(Numbered(number: 0))
        try await until { sink.isWaitedFor }
        #expect(sink.stored.events.count == 1)
        try await body(sink, client)
      }
      #expect(client.accounting.stored == sink.stored.events.count)
      #expect(client.accounting.pending == 0)
      #expect(client.accounting.isBalanced)
    }
  }

  @Test("receives nothing more before it has caught up, unless a flush is waiting")
  func flush() async throws {
    try await withWaitingWorker { sink, client in
      for round in 0..<3 {
        client.track(Numbered(number: 1))
        #expect(sink.stored.events.count == 2 * round + 1)
        try await client.flush(timeout: .seconds(300))
        #expect(sink.stored.events.count == 2 * round + 2)
        // With no flush waiting, this event is stored at once.
        client.track(Numbered(number: 2))
        try await until { sink.isWaitedFor }
      }
    }
  }

  @Test("receives the rest on shutdown")
  func shutdown() async throws {
    try await withWaitingWorker { sink, client in
      client.track(Numbered(number: 1))
      #expect(sink.stored.events.count == 1)
    }
  }

  @Test("receives the rest once the buffer is half full")
  func halfFull() async throws {
    try await withWaitingWorker { sink, client in
      let pool = try #require(client.core?.buffer.pool)
      while pool.hasAmpleRoom { client.track(Numbered(number: 1)) }
      // If the last event came after the batch, there is room again, so it waits.
      try await until { client.accounting.pending <= 1 }
      #expect(client.accounting.dropped.isEmpty)
    }
  }

  @Test("receives the rest once the disk is full")
  func fullDisk() async throws {
    try await withTemporaryDirectory { directory in
      let plan = SystemFaultPlan(below: directory)
      defer { plan.end() }
      try await withWaitingWorker(below: directory) { sink, client in
        plan.fail { call, _ in call == .reserve ? ENOSPC : nil }
        while client.track(Numbered(number: 1)) == nil {}
        try await until { client.accounting.pending == 0 }
      }
    }
  }

  @Test("does not delay events that are only in memory")
  func memory() async throws {
    let sink = BusySink()
    let client = try AnalyticsClient(.testing(), sink: sink)
    try await withWorker(client) {
      for number in 0..<2 {
        client.track(Numbered(number: number))
        try await until { sink.stored.events.count > number }
      }
      #expect(!sink.isWaitedFor)
    }
  }
}
