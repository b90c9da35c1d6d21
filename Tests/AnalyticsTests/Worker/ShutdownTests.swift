import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Shutdown and flush", .timeLimit(.minutes(60)))
struct ShutdownTests {
  private func configuration(_ directory: String?, _ clock: ManualClock) -> AnalyticsConfiguration {
    var configuration: AnalyticsConfiguration =
      directory.map { .durable(in: $0) } ?? .testing()
    configuration.clock = clock
    configuration.shutdownGrace = .seconds(20)
    return configuration
  }

  private func failure(_ body: @Sendable () async throws -> Void) async -> (any Error)? {
    do { try await body() } catch { return error }
    return nil
  }

  /// Runs a worker with a sink that hangs, shuts down, and lets the grace period expire.
  private func shutDownWhileHanging(
    _ client: AnalyticsClient, _ sink: ScriptedSink, _ clock: ManualClock
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let expired = Latch()
      group.addTask {
        // The grace period begins to sleep only after shutdown was requested.
        while !expired.isOpen, !Task.isCancelled {
          clock.advance(by: .seconds(1))
          await Task.yield()
        }
      }
      group.addTask {
        try await withWorker(client) {
          for number in 0..<10 { client.track(Numbered(number: number)) }
          client.core?.buffer.batchReady.set()
          try await until { !sink.attempts.isEmpty }
        }
        expired.open()
      }
      try await group.waitForAll()
    }
  }

  @Test("a shutdown whose grace period expires leaves a durable buffer to the next client")
  func graceDurable() async throws {
    try await withTemporaryDirectory { directory in
      let (sink, clock) = (ScriptedSink(.hang), ManualClock())
      do {
        let client = try AnalyticsClient(configuration(directory, clock), sink: sink)
        try await shutDownWhileHanging(client, sink, clock)
        #expect(client.accounting.pending == 10)
        #expect(client.accounting.dropped.isEmpty)
        #expect(client.accounting.isBalanced)
        // Events after the worker's end are kept, too.
        #expect(client.track(Numbered(number: 10)) == nil)
      }
      let next = InMemorySink()
      do {
        let client = try AnalyticsClient(.durable(in: directory), sink: next)
        try await withWorker(client) {}
        #expect(client.accounting.recovered == 11)
      }
      #expect(next.events.compactMap(\.number).sorted() == Array(0...10))
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("a shutdown whose grace period expires drops and counts the events in memory")
  func graceMemory() async throws {
    let (sink, clock) = (ScriptedSink(.hang), ManualClock())
    let client = try AnalyticsClient(configuration(nil, clock), sink: sink)
    try await shutDownWhileHanging(client, sink, clock)
    #expect(client.accounting.dropped == [.shutdown: 10])
    #expect(client.accounting.pending == 0)
    #expect(client.track(Numbered(number: 10)) == .shutdown)
    #expect(client.accounting.isBalanced)
  }

  @Test("a cancellation ends the worker at once, even while a write hangs")
  func cancellation() async throws {
    let (sink, clock) = (ScriptedSink(.hang), ManualClock())
    let client = try AnalyticsClient(configuration(nil, clock), sink: sink)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await AnalyticsWorker(client).run() }
      client.track(Numbered(number: 1))
      try await until { !sink.attempts.isEmpty }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(client.accounting.dropped == [.shutdown: 1])
  }

  @Test("a flush that times out reports it, and the events are stored later")
  func flushTimeout() async throws {
    let (sink, clock) = (ScriptedSink(.fail(EventSinkError(.retry, "away"))), ManualClock())
    let client = try AnalyticsClient(configuration(nil, clock), sink: sink)
    try await withWorker(client) {
      client.track(Numbered(number: 1))
      try await until { sink.attempts.count == 1 }
      async let outcome = failure { try await client.flush(timeout: .milliseconds(1)) }
      // The sleepers are the ticker, the metrics reporter, the pause and the flush.
      await clock.waitForSleepers(4)
      clock.advance(by: .milliseconds(1))
      let error = await outcome as? AnalyticsError
      #expect(error?.code == .flushTimedOut)
      clock.advance(by: .seconds(1))
      try await until { client.accounting.stored == 1 }
    }
  }

  /// Begins a flush. Returns when it waits or has ended.
  private func flushWithNoWorker(
    _ client: AnalyticsClient, _ clock: ManualClock
  ) async throws -> Task<Void, any Error> {
    let hasEnded = Latch()
    let flush = Task {
      defer { hasEnded.open() }
      try await client.flush(timeout: .seconds(300))
    }
    try await until { clock.sleepers > 0 || hasEnded.isOpen }
    return flush
  }

  @Test("a flush waits for a worker that starts after it")
  func flushBeforeWorker() async throws {
    let (sink, clock) = (InMemorySink(), ManualClock())
    let client = try AnalyticsClient(configuration(nil, clock), sink: sink)
    client.track(Numbered(number: 1))
    let flush = try await flushWithNoWorker(client, clock)
    try await withWorker(client) {
      try await flush.value
      #expect(client.accounting.stored == 1)
    }
  }

  @Test("a flush without a worker fails with this reason when its timeout ends")
  func flushWithoutWorker() async throws {
    let clock = ManualClock()
    let client = try AnalyticsClient(configuration(nil, clock), sink: InMemorySink())
    client.track(Numbered(number: 1))
    let flush = try await flushWithNoWorker(client, clock)
    #expect(clock.sleepers == 1)
    clock.advance(by: .seconds(300))
    let error = await failure { try await flush.value } as? AnalyticsError
    #expect(error?.code == .workerNotRunning)
    #expect(client.accounting.pending == 1)
  }

  @Test("a flush ends when its worker ends before it")
  func flushOfEndedWorker() async throws {
    try await withTemporaryDirectory { directory in
      let (sink, clock) = (ScriptedSink(.hang), ManualClock())
      let client = try AnalyticsClient(configuration(directory, clock), sink: sink)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await AnalyticsWorker(client).run() }
        client.track(Numbered(number: 1))
        try await until { !sink.attempts.isEmpty }
        async let outcome = failure { try await client.flush(timeout: .seconds(300)) }
        await clock.waitForSleepers(4)
        group.cancelAll()
        let error = await outcome as? AnalyticsError
        #expect(error?.code == .workerNotRunning)
        // Later flushes do not wait for another worker.
        let later = await failure { try await client.flush(timeout: .seconds(300)) }
        #expect((later as? AnalyticsError)?.code == .workerNotRunning)
      }
    }
  }

  @Test("a flush waits for events that were tracked before it, while others are tracked")
  func flushUnderLoad() async throws {
    let sink = InMemorySink()
    let client = try AnalyticsClient(.testing(), sink: sink)
    try await withWorker(client) {
      let isOver = Latch()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          while !isOver.isOpen, !Task.isCancelled {
            client.track(.projectUpdated(projectID: UUID(), userID: UUID()))
            await Task.yield()
          }
        }
        for number in 0..<50 {
          client.track(Numbered(number: number))
          try await client.flush(timeout: .seconds(300))
          #expect(sink.events.contains { $0.type == "numbered" && $0.number == number })
        }
        isOver.open()
        try await group.waitForAll()
      }
    }
    #expect(client.accounting.isBalanced)
  }

  @Test("a cancelled flush throws CancellationError")
  func flushCancelled() async throws {
    let (sink, clock) = (ScriptedSink(.hang), ManualClock())
    let client = try AnalyticsClient(configuration(nil, clock), sink: sink)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await AnalyticsWorker(client).run() }
      client.track(Numbered(number: 1))
      try await until { !sink.attempts.isEmpty }
      await withThrowingTaskGroup(of: Void.self) { flush in
        flush.addTask { try await client.flush(timeout: .seconds(300)) }
        await clock.waitForSleepers(3)
        flush.cancelAll()
        await #expect(throws: CancellationError.self) { try await flush.next() }
      }
      group.cancelAll()
    }
  }
}
