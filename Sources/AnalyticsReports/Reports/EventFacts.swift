internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
package import Foundation

/// Figures for pages and `/metrics` that no report has.
package struct EventFacts: Sendable {
  /// A quarter of an hour in seconds, the step of the rollups.
  private static let quarter: TimeInterval = 900

  private let database: ReportDatabase

  /// Makes an instance that reads from a database of reports.
  package init(database: ReportDatabase) {
    self.database = database
  }

  /// From the start of the first event's quarter of an hour to the end of the last event's; `nil`
  /// without events.
  package func extent() async throws(ReportError) -> Range<Date>? {
    try await database.read { connection in
      let row = try await connection.query(
        """
        SELECT min(quarter) AS lower, max(quarter) AS upper
        FROM \(identifier: Rollup.events.relation)
        """
      ).only()
      guard let lower = try row.decode(Date?.self, "lower"),
        let upper = try row.decode(Date?.self, "upper")
      else { return nil }
      return lower..<upper.addingTimeInterval(Self.quarter)
    }
  }

  /// The services and environments of events.
  package struct Origins: Sendable {
    package var services: [String]
    package var environments: [String]

    package init(services: [String], environments: [String]) {
      self.services = services
      self.environments = environments
    }
  }

  /// The origins of the events in a range, at most 500 services and 500 environments. Events
  /// without a service or an environment add nothing to the list.
  package func origins(in range: Range<Date>) async throws(ReportError) -> Origins {
    try await database.read { connection in
      let row = try await connection.query(
        """
        WITH origins AS MATERIALIZED (
            SELECT DISTINCT service, environment FROM \(identifier: Rollup.events.dailyRelation)
            WHERE day > \(range.lowerBound) - interval '24 hours' AND day < \(range.upperBound))
        SELECT ARRAY(SELECT DISTINCT service FROM origins WHERE service <> ''
                     ORDER BY service LIMIT 500) AS services,
               ARRAY(SELECT DISTINCT environment FROM origins WHERE environment <> ''
                     ORDER BY environment LIMIT 500) AS environments
        """
      ).only()
      return Origins(
        services: try row.decode([String].self, "services"),
        environments: try row.decode([String].self, "environments"))
    }
  }

  /// All types of events ever stored, at most 500.
  package func eventTypes() async throws(ReportError) -> [String] {
    try await database.read { connection in
      try await connection.query(
        """
        SELECT DISTINCT event_type FROM \(identifier: Rollup.events.dailyRelation)
        ORDER BY event_type LIMIT 500
        """
      ).values()
    }
  }

  /// An event as the live page shows it.
  package struct Event: Sendable {
    package var id: UUID
    package var time: Date
    package var type: String
    package var service: String
    package var user: String?
    package var data: String
  }

  /// Returns the newest events by their own time, at most 50, the newest first: those since an
  /// instant or, without one, those of the last 24 hours, and older ones only if there are none. An
  /// event that arrives late may be too old to be among them.
  package func newestEvents(since: Date? = nil) async throws(ReportError) -> [Event] {
    try await database.read { connection in
      // The last 24 hours usually have events, and then only their partitions are read.
      for start in since.map({ [$0] }) ?? [Date().addingDays(-1), .distantPast] {
        let rows = try await connection.query(
          """
          SELECT id, timestamp, event_type, service, user_id::text AS user_id,
                 left(data::text, 400) AS data
          FROM analytics_events WHERE timestamp >= \(start)
          ORDER BY timestamp DESC, id DESC LIMIT 50
          """)
        guard !rows.isEmpty else { continue }
        return try rows.map { row in
          Event(
            id: try row.decode(UUID.self, "id"), time: try row.decode(Date.self, "timestamp"),
            type: try row.decode(String.self, "event_type"),
            service: try row.decode(String.self, "service"),
            user: try row.decode(String?.self, "user_id"),
            data: try row.decode(String.self, "data"))
        }
      }
      return []
    }
  }

  /// The state of the pipeline, as the database knows it.
  package struct Pipeline: Sendable {
    package var newest: Date?
    package var lastHour: Int
    package var ever: Int
    package var pendingRanges: Int
    /// Events that are not rolled up yet, and the time at which the oldest batch of them was
    /// stored.
    package var pendingEvents: Int
    package var pendingSince: Date?
    /// Rollups into which events could not be merged.
    package var problems: [(rollup: String, reason: String)]
    package var droppedBefore: Date?
    package var migrations: [(version: Int, name: String, appliedAt: Date)]
  }

  /// Reads the state of the pipeline. The last hour ends at `now`.
  package func pipeline(now: Date) async throws(ReportError) -> Pipeline {
    try await database.read { connection in
      let row = try await connection.query(
        """
        SELECT (SELECT max(timestamp) FROM analytics_events
                WHERE timestamp > now() - interval '2 days') AS newest,
               \(Self.stored(inHours: 1, before: now)) AS last_hour,
               (SELECT coalesce(sum(events), 0)::int8
                FROM \(identifier: Rollup.events.dailyRelation)) AS ever,
               (SELECT count(*) FROM analytics_rollup_pending) AS pending,
               (SELECT dropped_before FROM analytics_retention) AS dropped_before,
               behind.events AS pending_events, behind.oldest AS pending_since
        FROM analytics_rolling_up() AS behind
        """
      ).only()
      let migrations = try await connection.query(
        "SELECT version, name, applied_at FROM analytics_migrations ORDER BY version")
      let problems = try await connection.query(
        "SELECT name, problem FROM analytics_rollups WHERE problem IS NOT NULL ORDER BY name")
      return Pipeline(
        newest: try row.decode(Date?.self, "newest"),
        lastHour: try row.decode(Int.self, "last_hour"), ever: try row.decode(Int.self, "ever"),
        pendingRanges: try row.decode(Int.self, "pending"),
        pendingEvents: try row.decode(Int.self, "pending_events"),
        pendingSince: try row.decode(Date?.self, "pending_since"),
        problems: try problems.map {
          (try $0.decode(String.self, "name"), try $0.decode(String.self, "problem"))
        },
        droppedBefore: try row.decode(Date?.self, "dropped_before"),
        migrations: try migrations.map { row in
          (
            try row.decode(Int.self, "version"), try row.decode(String.self, "name"),
            try row.decode(Date.self, "applied_at")
          )
        })
    }
  }

  /// Returns the number of stored events that happened in the given number of hours before an
  /// instant.
  package func stored(inHours hours: Int, before now: Date) async throws(ReportError) -> Int {
    try await database.read { connection in
      try await connection.query("SELECT \(Self.stored(inHours: hours, before: now))").value()
    }
  }

  /// Exact to the microsecond: rollups count whole quarters of an hour, and raw events the rest at
  /// both ends.
  private static func stored(inHours hours: Int, before now: Date) -> SQL {
    let start = now.addingTimeInterval(-3600 * Double(hours))
    func quarter(_ date: Date, _ rule: FloatingPointRoundingRule) -> Date {
      Date(
        timeIntervalSince1970: (date.timeIntervalSince1970 / Self.quarter).rounded(rule)
          * Self.quarter)
    }
    let (first, last) = (quarter(start, .up), quarter(now, .down))
    return """
      (SELECT coalesce(sum(events), 0)::int8 FROM \(identifier: Rollup.events.relation)
       WHERE quarter >= \(first) AND quarter < \(last))
      + (SELECT count(*) FROM analytics_events WHERE timestamp >= \(start) AND timestamp < \(first))
      + (SELECT count(*) FROM analytics_events WHERE timestamp >= \(last) AND timestamp < \(now))
      """
  }
}
