import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@testable import Analytics

@Suite("The log of events rejected without an error", .timeLimit(.minutes(60)))
struct RejectionLogTests {
  /// A sink that rejects every event.
  private struct RejectingSink: EventSink {
    let destination = "memory"
    let reason: RejectReason

    func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
      EventReceipt(stored: 0, rejected: [reason: batch.rowCount])
    }

    func deadLetter(_: EventBatch, because _: EventSinkError) async throws(EventSinkError) {}
  }

  @Test("has a line at once, then at most one a minute with all rejections since then, by reason")
  func rateLimit() {
    let clock = ManualClock()
    let recorded = RecordedLog()
    let log = RejectionLog(recorded.logger, clock: clock)
    log.report([:])
    log.report([.refused: 7])
    #expect(recorded.lines.isEmpty)
    log.report([.expired: 1, .refused: 7])
    #expect(recorded.lines.count == 1)
    for second in 1..<60 {
      clock.advance(by: .seconds(1))
      log.report([.expired: 1 + second, .future: second / 2])
    }
    #expect(recorded.lines.count == 1)
    clock.advance(by: .seconds(1))
    log.report([.expired: 60, .future: 29])
    #expect(recorded.lines.count == 2)
    #expect(
      recorded.lines.last?.contains("59 from days that retention has already dropped") == true)
    #expect(recorded.lines.last?.contains("29 more than 24 hours ahead") == true)
    clock.advance(by: .seconds(600))
    log.report([.expired: 60, .future: 29])
    #expect(recorded.lines.count == 2)
    log.report([.expired: 60, .future: 30])
    #expect(recorded.lines.count == 3)
    #expect(recorded.lines.last?.contains("expired") == false)
    #expect(recorded.lines.last?.contains("retention") == false)
    #expect(recorded.lines.allSatisfy { $0.hasPrefix("warning ") })
  }

  @Test("includes the last minute, even if no later line follows")
  func last() {
    let recorded = RecordedLog()
    let log = RejectionLog(recorded.logger, clock: ManualClock())
    log.report([.future: 1])
    log.report([.future: 3], isLast: true)
    log.report([.future: 3], isLast: true)
    #expect(recorded.lines.count == 2)
    #expect(recorded.lines.last?.contains("2 more than 24 hours ahead") == true)
  }

  @Test(
    "is written by the worker with number, reason and remedy",
    arguments: [
      (RejectReason.expired, "database of its own"), (.future, "set the clock"),
      (.suppressed, "a trigger on analytics_events"),
      (.past, "dated before 2000-01-01T00:00:00.000000Z"),
    ])
  func worker(reason: RejectReason, advice: String) async throws {
    let recorded = RecordedLog()
    let client = try AnalyticsClient(.testing(), sink: RejectingSink(reason: reason))
    try await withWorker(client, logger: recorded.logger) {
      for number in 0..<500 { client.track(Numbered(number: number)) }
      try await client.flush(timeout: .seconds(300))
    }
    #expect(client.accounting.rejected == [reason: 500])
    let warnings = recorded.lines.filter { $0.hasPrefix("warning ") }
    // There is a line at the end. There may be one before, if the worker wrote its report meanwhile.
    #expect((1...2).contains(warnings.count), "\(recorded.lines)")
    #expect(warnings.allSatisfy { $0.contains(advice) })
    let number = #/reason=(\d+) /#
    let counts = warnings.compactMap { $0.firstMatch(of: number).flatMap { Int($0.1) } }
    #expect(counts.reduce(0, +) == 500)
  }
}
