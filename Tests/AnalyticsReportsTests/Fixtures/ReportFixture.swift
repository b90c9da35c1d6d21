import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import AnalyticsTestSupport
import Foundation
import Logging

/// A migrated database for one test, and its reports.
struct ReportFixture: Sendable {
  let url: String
  let database: ReportDatabase
  /// A connection for the test's own queries, which the reports do not use.
  let connection: PostgresConnection
  private let sink: PostgresEventSink

  /// The service of events without a service of their own.
  static let service = "test"

  /// - Parameter rollups: The application's own rollups.
  static func with<Result>(
    rollups: [Rollup] = [], _ body: (ReportFixture) async throws -> Result
  ) async throws -> Result {
    try await withTestDatabase { url in
      let configuration = try PostgresConfiguration(url: url)
      try await Migrator(
        AnalyticsDatabase(configuration), rollups: rollups,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ).apply()
      let fixture = ReportFixture(
        url: url, database: try ReportDatabase(AnalyticsDatabase(url: url)),
        connection: try await PostgresConnection.connect(configuration),
        sink: PostgresEventSink(AnalyticsDatabase(configuration)))
      // If the test throws, dropping the database ends the connections.
      let result = try await body(fixture)
      await fixture.connection.close()
      return result
    }
  }

  /// Migrates the application's own rollups to these definitions.
  func migrate(_ rollups: [Rollup]) async throws {
    try await Migrator(
      AnalyticsDatabase(url: url), rollups: rollups, lockTimeout: .seconds(300),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).apply()
  }

  /// Stores events in batches of some thousand.
  func store(_ events: [EnrichedEvent], using random: inout SeededGenerator) async throws {
    for start in stride(from: 0, to: events.count, by: 5000) {
      let batch = Array(events[start..<min(start + 5000, events.count)])
      let ids = batch.map { _ in random.uuid() }
      _ = try await sink.write(.encoding(batch, ids: ids, service: Self.service))
    }
  }

  func series(_ report: some Report) async throws -> Series {
    try await report.series(from: database)
  }

  /// Leaves the state that retention leaves: the boundary, and raw events from there on.
  func dropRawEvents(before day: Date) async throws {
    try await connection.rollUp()
    _ = try await connection.query(
      "INSERT INTO analytics_retention (dropped_before) VALUES ($1)", [.timestamptz(day)])
    _ = try await connection.query(
      "DELETE FROM analytics_events WHERE timestamp < $1", [.timestamptz(day)])
  }
}
