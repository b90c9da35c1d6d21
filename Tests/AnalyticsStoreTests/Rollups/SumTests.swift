import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Sums of the largest numbers that events may have", .timeLimit(.minutes(60)))
struct SumTests {
  private static let largest = 9_000_000_000_000_000

  /// Events of one minute. Their sum in a quarter of an hour is too large for a bigint.
  private func events(_ count: Int) -> [EnrichedEvent] {
    (0..<count).flatMap { index in
      let instant = EventTimestamp(
        microsecondsSinceUnixEpoch: 1_788_220_800_000_000 + Int64(index % 60) * 1_000_000)
      let events: [AnalyticsEvent] = [
        .apiRequest(
          service: "web", endpoint: "/", method: "GET", statusCode: 200, durationMS: Self.largest),
        .databaseQuery(service: "web", queryType: "select", durationMS: Self.largest),
        .cocoonDisconnected(cocoonID: UUID(), durationSeconds: Self.largest),
      ]
      return events.map {
        EnrichedEvent(timestamp: instant, event: $0, hostname: nil, environment: nil)
      }
    }
  }

  @Test(
    "are exact in one batch and over many, pending and rolled up, without errors in any rollup"
  )
  func large() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        try await other.blockRollingUp()
        for (count, size) in [(1500, 4500), (1500, 300)] {
          let events = events(count)
          try await store.store(
            events, ids: events.map { _ in UUID() }, batchSize: size, with: sink)
        }
        for isRolledUp in [false, true] {
          if isRolledUp {
            try await other.allowRollingUp()
            try await store.connection.rollUp()
          }
          for (relation, column) in [
            ("api_requests", "duration_ms_sum"), ("api_requests_daily", "duration_ms_sum"),
            ("database_queries_daily", "duration_ms_sum"), ("cocoons_daily", "session_seconds_sum"),
          ] {
            let sum: String = try await store.scalar(
              "SELECT sum(\(column))::text FROM analytics_rollup_\(relation)")
            #expect(sum == "27000000000000000000", "\(relation), rolled up: \(isRolledUp)")
          }
          #expect(
            try await store.scalar("SELECT avg_duration_ms FROM analytics_api_latency_hourly")
              == Double(Self.largest))
          #expect(
            try await store.scalar(
              "SELECT avg_session_duration_seconds FROM analytics_cocoon_activity_daily")
              == Double(Self.largest))
          #expect(try await store.rollups.verify() == [])
        }
        let problems: Int = try await store.scalar(
          "SELECT count(*) FROM analytics_rollups WHERE problem IS NOT NULL")
        #expect(problems == 0)
      }
    }
  }
}
