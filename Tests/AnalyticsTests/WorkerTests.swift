import Analytics
import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@Suite("The worker")
struct WorkerTests {
  @Test("stores tracked events, and flush waits for it")
  func stores() async throws {
    let sink = InMemorySink()
    let analytics = try AnalyticsClient(.testing(), sink: sink)
    try await withWorker(analytics) {
      for event in SampleEvents.oneOfEach() { analytics.track(event) }
      try await analytics.flush(timeout: .seconds(300))
    }
    #expect(sink.events.count == SampleEvents.oneOfEach().count)
    #expect(analytics.accounting.stored == sink.events.count)
    #expect(analytics.accounting.isBalanced)
  }

  @Test("writes an incomplete batch at the flush interval")
  func wakes() async throws {
    let sink = InMemorySink()
    let clock = ManualClock()
    var configuration = AnalyticsConfiguration.testing()
    configuration.batchSize = 100
    configuration.clock = clock
    let analytics = try AnalyticsClient(configuration, sink: sink)
    try await withWorker(analytics) {
      // The ticker and the metrics reporter are the sleepers.
      await clock.waitForSleepers(2)
      analytics.track(SampleEvents.oneOfEach()[0])
      #expect(sink.events.isEmpty)
      clock.advance(by: configuration.flushInterval)
      try await stored(1, in: sink)
    }
  }

  @Test("stores all events on graceful shutdown")
  func drainsOnShutdown() async throws {
    let sink = InMemorySink()
    var configuration = AnalyticsConfiguration.testing()
    configuration.batchSize = 1000
    let analytics = try AnalyticsClient(configuration, sink: sink)
    try await withWorker(analytics) {
      for event in SampleEvents.oneOfEach() { analytics.track(event) }
    }
    #expect(sink.events.count == SampleEvents.oneOfEach().count)
  }

  @Test("repeats attempts that failed for a temporary reason")
  func retries() async throws {
    let sink = InMemorySink()
    let clock = ManualClock()
    var configuration = AnalyticsConfiguration.testing()
    configuration.clock = clock
    let analytics = try AnalyticsClient(configuration, sink: sink)
    sink.fail(with: EventSinkError(.retry, "away"), EventSinkError(.retry, "away"))
    try await withWorker(analytics) {
      analytics.track(SampleEvents.oneOfEach()[0])
      for _ in 0..<2 {
        await clock.waitForSleepers(3)
        clock.advance(by: .seconds(1))
      }
      try await stored(1, in: sink)
    }
    #expect(analytics.accounting.isBalanced)
  }

  @Test("makes a refused event a dead letter, and stores the other events")
  func bisects() async throws {
    let sink = InMemorySink()
    sink.refuse { $0.type == "task_failed" }
    var configuration = AnalyticsConfiguration.testing()
    configuration.batchSize = 1000
    let analytics = try AnalyticsClient(configuration, sink: sink)
    try await withWorker(analytics) {
      for _ in 0..<50 { for event in SampleEvents.oneOfEach() { analytics.track(event) } }
      try await analytics.flush(timeout: .seconds(300))
    }
    #expect(sink.events.count == 50 * (SampleEvents.oneOfEach().count - 1))
    #expect(analytics.accounting.rejected == [.refused: 50])
    #expect(analytics.accounting.isBalanced)
  }

  @Test("refuses to be the second worker of a client")
  func refusesASecondWorker() async throws {
    let analytics = try AnalyticsClient(.testing(), sink: InMemorySink())
    try await withWorker(analytics) {
      analytics.track(SampleEvents.oneOfEach()[0])
      try await analytics.flush(timeout: .seconds(300))
      await #expect(throws: AnalyticsError.self) { try await AnalyticsWorker(analytics).run() }
    }
  }

  /// Waits until the sink has this many events. It requests empty flushes meanwhile.
  private func stored(_ count: Int, in sink: InMemorySink) async throws {
    while sink.events.count < count {
      try Task.checkCancellation()
      await Task.yield()
    }
  }
}
