import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation

@testable import AnalyticsServer
@testable import AnalyticsTelemetry

extension ServerFixture {
  /// Closes periods at consecutive hours, with times of the test's own. A period is longer than a test may last,
  /// because a collector compares the start of a period with its clock.
  func periods(
    _ count: Int, of usage: [UsageTracker] = [],
    _ track: (_ period: Int) throws -> Void = { _ in }
  ) async throws {
    let periods = UsagePeriods(try AnalyticsDatabase(url: url), length: .seconds(3600))
    let open: Date = try await connection.query(
      "SELECT started_at FROM analytics_usage_periods WHERE ended_at IS NULL"
    ).only().decode(at: 0)
    for period in 1...count {
      try track(period)
      for replica in usage { try await replica.flush() }
      _ = try await periods.closeIfDue(at: open.addingTimeInterval(Double(period) * 3601))
    }
  }

  /// A telemetry service with short intervals and timeouts.
  func telemetry(
    _ collector: String?, giveUpAfter: Duration = .seconds(86_400), trustRoots: String? = nil,
    timeout: Duration = .seconds(2), url: String? = nil
  ) throws -> TelemetryService {
    var options = TelemetryService.Options()
    options.interval = .milliseconds(10)
    options.firstPause = .milliseconds(1)
    options.timeout = timeout
    options.giveUpAfter = giveUpAfter
    options.trustRoots = trustRoots
    return try TelemetryService(
      AnalyticsDatabase(url: url ?? self.url), collector: collector, options: options,
      logger: silentLogger)
  }

  /// The state of the outbox.
  func status() async throws -> TelemetryStatus {
    try await Telemetry.status(of: AnalyticsDatabase(url: url))
  }

  /// Runs services until no document waits.
  func deliver(_ services: [TelemetryService], periods: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in services { group.addTask { await service.run() } }
      var isOver = false
      while !isOver {
        isOver =
          try await connection.query(
            """
            SELECT count(*) >= $1 AND every(delivered_at IS NOT NULL OR given_up_at IS NOT NULL)
            FROM analytics_telemetry_outbox
            """, [.int8(Int64(periods))]
          ).only().decode(Bool?.self, at: 0) ?? false
        try Task.checkCancellation()
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// The documents that a collector has received, in the order of their periods.
  func received() async throws -> [TelemetryDocument] {
    try await connection.query(
      "SELECT document::text FROM analytics_telemetry_snapshots ORDER BY period_id"
    ).map { row in
      try JSONDecoder().decode(
        TelemetryDocument.self, from: Data(row.decode(String.self, at: 0).utf8))
    }
  }
}

extension TelemetryDocument {
  func figure(_ name: String) -> Int? {
    snapshot?.usage.first { $0.kind == "boundary" && $0.name == name }?.value
  }
}
