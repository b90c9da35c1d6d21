import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@testable import Analytics

@Suite("Attempts that fail", .timeLimit(.minutes(60)))
struct RetryTests {
  private func client(
    _ sink: any EventSink, clock: ManualClock, rowsMax: Int = 20_000
  ) throws -> AnalyticsClient {
    var configuration = AnalyticsConfiguration.testing()
    configuration.clock = clock
    configuration.batchSize = 1_000_000
    configuration.batchRowsMax = rowsMax
    return try AnalyticsClient(configuration, sink: sink)
  }

  @Test("pauses double from 100 ms to 30 s; each pause is between half of the value and the value")
  func backoff() {
    var backoff = Backoff()
    for failure in 0..<100 {
      let ceiling = min(30_000, failure > 20 ? .max : 100 * (1 << failure))
      let pause = backoff.next()
      #expect(pause >= .milliseconds(ceiling / 2))
      #expect(pause <= .milliseconds(ceiling))
    }
  }

  @Test("are repeated after a pause, and no event is lost or doubled")
  func repeats() async throws {
    let away = EventSinkError(.retry, "away")
    let sink = ScriptedSink(.fail(away), .fail(away), .fail(away))
    let clock = ManualClock()
    let client = try client(sink, clock: clock)
    try await withWorker(client) {
      await clock.waitForSleepers(2)
      for number in 0..<10 { client.track(Numbered(number: number)) }
      client.core?.buffer.batchReady.set()
      for attempt in 1...3 {
        try await until { sink.attempts.count == attempt }
        await clock.waitForSleepers(3)
        #expect(client.accounting.pending == 10)
        clock.advance(by: .milliseconds(100 << (attempt - 1)))
      }
      try await until { client.accounting.stored == 10 }
    }
    #expect(sink.attempts.count == 4)
    #expect(sink.stored.events.compactMap(\.number).sorted() == Array(0..<10))
    #expect(!sink.attempts.contains { $0.mayBeStored })
  }

  @Test("whose answer was lost are repeated with the same rows, before any others")
  func unknownOutcome() async throws {
    let sink = ScriptedSink(
      .loseAnswer, .fail(EventSinkError(.retry, "away")), .fail(EventSinkError(.retry, "away")))
    let clock = ManualClock()
    let client = try client(sink, clock: clock)
    try await withWorker(client) {
      await clock.waitForSleepers(2)
      for number in 0..<5 { client.track(Numbered(number: number)) }
      client.core?.buffer.batchReady.set()
      for attempt in 1...3 {
        try await until { sink.attempts.count == attempt }
        await clock.waitForSleepers(3)
        // Later events must not be added to the batch with the unknown outcome.
        client.track(Numbered(number: 100 + attempt))
        clock.advance(by: .milliseconds(400))
      }
      try await until { client.accounting.stored == 8 }
    }
    let attempts = sink.attempts
    #expect(attempts.count == 5)
    for attempt in attempts.prefix(4) { #expect(attempt.numbers == attempts[0].numbers) }
    #expect(attempts.map(\.mayBeStored) == [false, true, true, true, false])
    #expect(client.accounting.duplicates == 0)
    #expect(Set(sink.stored.events.map(\.id)).count == 8)
  }

  @Test("because of a refusal are divided into halves, wherever the refused rows are")
  func bisects() async throws {
    var random = SeededGenerator.printingSeed()
    // DeliveryTests covers larger batches with mostly refused rows: they wait.
    for count in [1, 2, 3, 17, Delivery.sampledRowsMin - 1] {
      for share in [0.0, 0.05, 0.5, 1.0] {
        let bad = Set((0..<count).filter { _ in random.chance(share) })
        let sink = InMemorySink()
        sink.refuse { bad.contains($0.number ?? -1) }
        let client = try client(sink, clock: ManualClock(), rowsMax: 1 + random.below(count))
        for number in 0..<count { client.track(Numbered(number: number)) }
        try await withWorker(client) { try await client.flush(timeout: .seconds(300)) }
        #expect(
          Set(sink.events.compactMap(\.number)) == Set(0..<count).subtracting(bad))
        #expect(client.accounting.rejected == (bad.isEmpty ? [:] : [.refused: bad.count]))
        #expect(client.accounting.stored == count - bad.count)
        #expect(client.accounting.isBalanced)
      }
    }
  }

  @Test("amid a refused batch continue where they stopped")
  func refusedThenAway() async throws {
    // The whole batch is refused, its first half is stored, and the server is unreachable during the second half.
    let sink = ScriptedSink(
      .fail(EventSinkError(.refused, "bad")), .store, .fail(EventSinkError(.retry, "away")))
    let clock = ManualClock()
    let client = try client(sink, clock: clock)
    for number in 0..<10 { client.track(Numbered(number: number)) }
    try await withWorker(client) {
      try await until { sink.attempts.count == 3 }
      await clock.waitForSleepers(3)
      #expect(client.accounting.stored == 5)
      #expect(client.accounting.pending == 5)
      clock.advance(by: .seconds(1))
      try await until { client.accounting.stored == 10 }
    }
    #expect(sink.attempts[3].numbers == sink.attempts[2].numbers)
    #expect(client.accounting.duplicates == 0)
    #expect(client.accounting.isBalanced)
  }
}
