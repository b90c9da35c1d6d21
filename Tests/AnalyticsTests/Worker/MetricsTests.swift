import AnalyticsTestKit
import AnalyticsTestSupport
import Metrics
import MetricsTestKit
import Testing

@testable import Analytics

@Suite("Metrics", .timeLimit(.minutes(60)))
struct MetricsTests {
  @Test("equal the accounting")
  func agree() async throws {
    let metrics = TestMetrics()
    let sink = ScriptedSink(.fail(EventSinkError(.retry, "away")))
    sink.stored.refuse { $0.number == 3 }
    let client = try withMetricsFactory(metrics) {
      var configuration = AnalyticsConfiguration.testing()
      configuration.segmentBytes = 64 << 10
      return try AnalyticsClient(configuration, sink: sink)
    }
    try await withWorker(client) {
      for number in 0..<50 { client.track(Numbered(number: number)) }
      client.track(.custom(DynamicEvent(type: "")))
      client.track(Numbered(number: -1, padding: String(repeating: "p", count: 100_000)))
      try await client.flush(timeout: .seconds(300))
    }
    let accounting = client.accounting
    func total(_ name: String, _ reason: String? = nil) throws -> Int {
      Int(
        try metrics.expectCounter(
          "analytics_events_" + name + "_total", reason.map { [("reason", $0)] } ?? []
        ).totalValue)
    }
    #expect(try total("tracked") == 52)
    #expect(try total("tracked") == accounting.tracked)
    #expect(try total("recovered") == accounting.recovered)
    #expect(try total("stored") == accounting.stored)
    #expect(try total("duplicate") == accounting.duplicates)
    for reason in DropReason.allCases {
      #expect(try total("dropped", reason.rawValue) == accounting.dropped[reason] ?? 0)
    }
    #expect(try total("rejected", "refused") == 1)
    #expect(accounting.dropped == [.invalid: 1, .tooLarge: 1])
    #expect(try metrics.expectGauge("analytics_events_pending").lastValue == 0)
    #expect(try metrics.expectGauge("analytics_spool_bytes").lastValue ?? -1 >= 0)
    #expect(try metrics.expectCounter("analytics_write_retries_total").totalValue == 1)
    #expect(try metrics.expectRecorder("analytics_batch_rows").values.reduce(0, +) == 49)
    #expect(try !metrics.expectTimer("analytics_write_duration").values.isEmpty)
  }
}
