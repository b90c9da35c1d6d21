import AnalyticsTestKit
import AnalyticsTestSupport
import Synchronization
import Testing

@testable import Analytics

@Suite("Refused batches", .timeLimit(.minutes(60)))
struct DeliveryTests {
  @Test("with few faulty rows lose only these rows", arguments: [1, 2, 31, 32, 33, 500])
  func few(count: Int) async throws {
    var random = SeededGenerator.printingSeed()
    let bad = Set((0..<max(1, count / 50)).map { _ in random.below(count) })
    let sink = InMemorySink()
    sink.refuse { bad.contains($0.number ?? -1) }
    let client = try AnalyticsClient(.testing(), sink: sink)
    for number in 0..<count { client.track(Numbered(number: number)) }
    try await withWorker(client) { try await until { client.accounting.pending == 0 } }
    #expect(sink.deadLetters.compactMap(\.number).sorted() == bad.sorted())
    #expect(
      sink.events.compactMap(\.number).sorted() == (0..<count).filter { !bad.contains($0) })
    #expect(client.accounting.rejected == [.refused: bad.count])
    #expect(client.accounting.stored == count - bad.count && client.accounting.duplicates == 0)
    #expect(client.accounting.isBalanced)
  }

  @Test("with mostly refused rows wait without dead letters, and are stored after a repair")
  func most() async throws {
    let sink = InMemorySink()
    // One row in eight would be accepted.
    sink.refuse { ($0.number ?? 0) % 8 != 0 }
    let clock = ManualClock()
    var configuration = AnalyticsConfiguration.testing()
    configuration.clock = clock
    let client = try AnalyticsClient(configuration, sink: sink)
    for number in 0..<400 { client.track(Numbered(number: number)) }
    try await withWorker(client) {
      // The sleepers are two pauses of spool maintenance and the pause of the worker.
      for _ in 0..<5 {
        await clock.waitForSleepers(3)
        #expect(sink.deadLetters.isEmpty)
        #expect(client.accounting.pending == 400 && client.accounting.isBalanced)
        clock.advance(by: .seconds(30))
      }
      await clock.waitForSleepers(3)
      sink.refuse { _ in false }
      clock.advance(by: .seconds(30))
      try await until { client.accounting.pending == 0 }
    }
    // Each attempt stored a sample. Its rows are neither lost nor counted as another process's rows.
    #expect(client.accounting.stored == 400 && client.accounting.duplicates == 0)
    #expect(sink.events.compactMap(\.number).sorted() == Array(0..<400))
    #expect(client.accounting.isBalanced)
  }

  @Test("that are too small for a sample become dead letters")
  func small() async throws {
    let sink = InMemorySink()
    sink.refuse { _ in true }
    let client = try AnalyticsClient(.testing(), sink: sink)
    for number in 0..<Delivery.sampledRowsMin - 1 { client.track(Numbered(number: number)) }
    try await withWorker(client) { try await until { client.accounting.pending == 0 } }
    #expect(sink.deadLetters.count == Delivery.sampledRowsMin - 1)
  }

  @Test("wait if the refused row cannot become a dead letter")
  func noPlace() async throws {
    final class NoPlace: EventSink {
      let destination = "memory"
      let sink = InMemorySink()
      let failures = Mutex(2)

      func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
        try await sink.write(batch)
      }
      func deadLetter(
        _ row: EventBatch, because refusal: EventSinkError
      ) async throws(EventSinkError) {
        let fails = failures.withLock { left in
          left -= 1
          return left >= 0
        }
        if fails { throw EventSinkError(.retry, "no table yet") }
        try await sink.deadLetter(row, because: refusal)
      }
    }
    let sink = NoPlace()
    sink.sink.refuse { $0.number == 3 }
    let client = try AnalyticsClient(.testing(), sink: sink)
    for number in 0..<8 { client.track(Numbered(number: number)) }
    try await withWorker(client) { try await until { client.accounting.pending == 0 } }
    #expect(sink.sink.deadLetters.compactMap(\.number) == [3])
    #expect(client.accounting.rejected == [.refused: 1] && client.accounting.stored == 7)
  }
}
