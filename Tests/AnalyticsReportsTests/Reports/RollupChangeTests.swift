import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@testable import AnalyticsReports

@Suite("While a rollup changes", .timeLimit(.minutes(60)))
struct RollupChangeTests {
  private func share(_ version: Int) -> Rollup {
    let dimensions = [Dimension("service", .service), Dimension("user", .userID)].prefix(version)
    return Rollup(
      "share", version: version, of: [], by: Array(dimensions), measures: [Measure("n", .count)])
  }

  private func migrate(_ fixture: ReportFixture, version: Int) async throws {
    try await Migrator(
      AnalyticsDatabase(url: fixture.url), rollups: [share(version)], lockTimeout: .seconds(300)
    ).apply()
  }

  /// Waits until a session waits for a lock on the relation, or `stop` is set.
  ///
  /// - Returns: Whether a session waits.
  @discardableResult
  private func untilAwaited(
    _ relation: String, _ fixture: ReportFixture, until stop: StopFlag = StopFlag()
  ) async throws -> Bool {
    let isAwaited: SQL = """
      SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = \(relation)::regclass)
      """
    while !stop.isSet {
      if try await fixture.connection.query(isAwaited).value(Bool.self) { return true }
      try Task.checkCancellation()
    }
    return false
  }

  @Test(
    "running reports end first, other reports continue, and a waiting report sees the whole change")
  func reports() async throws {
    try await ReportFixture.with { fixture in
      var random = SeededGenerator.printingSeed()
      let day = try Date("2025-03-02T12:00:00Z", strategy: .iso8601)
      try await migrate(fixture, version: 1)
      try await fixture.store((0..<3).map { _ in .active(random.uuid(), at: day) }, using: &random)
      try await fixture.connection.rollUp()

      let database = try ReportDatabase(
        AnalyticsDatabase(url: fixture.url), timeout: .seconds(1800))
      /// The counts before and after `meanwhile`.
      func counts(_ meanwhile: @Sendable () async throws -> Void) async throws -> [Int] {
        let found = Mutex<[Int]>([])
        _ = try await database.series { reader in
          // Two different ranges, so that the second figures are not cached ones.
          for days in [1.0, 2.0] {
            let start = day.addingTimeInterval(-43_200)
            let range = start..<start.addingTimeInterval(days * 86_400)
            let figures = try await reader.figures(["n"], of: share(1), in: [range])
            found.withLock { $0.append(figures[[], 0].count("n")) }
            if days == 1 { try await meanwhile() }
          }
          return Series(name: "share", zone: .gmt, columns: [], rows: [])
        }
        return found.withLock(\.self)
      }
      let (begun, goesOn) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
      let early = Task {
        try await counts {
          begun.continuation.yield()
          for await _ in goesOn.stream { break }
        }
      }
      for await _ in begun.stream { break }
      // Blocks the migration after all reports have ended.
      let other = try await PostgresConnection.connect(PostgresConfiguration(url: fixture.url))
      try await other.execute("BEGIN; LOCK TABLE analytics_users IN ACCESS SHARE MODE")
      let migration = Task { try await migrate(fixture, version: 2) }
      try await untilAwaited("analytics_rollups", fixture)
      #expect(try await counts {} == [3, 3])
      goesOn.continuation.yield()
      #expect(try await early.value == [3, 3])
      try await untilAwaited("analytics_users", fixture)
      // The migration takes its locks for moments. A report between two of them continues, and another one waits.
      while true {
        let stop = StopFlag()
        let late = Task {
          defer { stop.set() }
          return try await counts {}
        }
        let waits = try await untilAwaited("analytics_rollups", fixture, until: stop)
        if waits { await other.close() }
        #expect(try await late.value == [3, 3])
        if waits { break }
      }
      try await migration.value
      #expect(try await counts {} == [3, 3])
    }
  }
}
