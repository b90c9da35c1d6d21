internal import AnalyticsPostgres
public import Foundation

/// The applications that use this library: every name ever registered, with its versions of the
/// last 90 days.
///
/// Columns: `application`, `version`, `environment`, `instances` of the last 30 days, `first_seen`
/// of the application, `last_seen` of the version. An application without a stored instance has one
/// row without a version.
public struct RegisteredApplications: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "client-applications"
  /// See ``CataloguedReport``.
  public static let summary =
    "Which applications use this library, in which versions, and when each was last seen."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.zone]

  /// The end of the 30 days.
  public var now: Date
  /// The time zone of instants in the result.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init(now: Date = Date()) { self.now = now }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(now: parameters.now)
    zone = try parameters.zone()
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let rows = try await reader.connection.query(
        """
        SELECT a.name, i.version, i.environment,
               count(*) FILTER (WHERE i.last_seen > \(now) - interval '720 hours') AS instances,
               a.first_seen, max(i.last_seen) AS last_seen
        FROM analytics_client_applications AS a
        LEFT JOIN analytics_client_instances AS i USING (name)
        GROUP BY a.name, i.version, i.environment
        ORDER BY a.name, last_seen DESC NULLS LAST, i.version, i.environment
        """)
      return Series(
        name: Self.name, zone: zone,
        columns: [
          .init("application", .text), .init("version", .text), .init("environment", .text),
          .init("instances", .distinct), .init("first_seen", .instant),
          .init("last_seen", .instant),
        ],
        rows: try rows.map { row in
          func text(_ column: String) throws -> Series.Value {
            try row.decode(String?.self, column).map(Series.Value.text) ?? .null
          }
          return [
            try text("name"), try text("version"), try text("environment"),
            .integer(try row.decode(Int.self, "instances")),
            .instant(try row.decode(Date.self, "first_seen")),
            try row.decode(Date?.self, "last_seen").map(Series.Value.instant) ?? .null,
          ]
        })
    }
  }
}

/// How many applications there are, by when they were last seen.
public struct ClientAppsTotal: Hashable, Sendable {
  /// Ever registered.
  public var allTime: Int
  /// Seen in the last 30 × 24 hours.
  public var last30Days: Int
  /// Seen in the last 7 × 24 hours.
  public var last7Days: Int

  /// Makes totals.
  public init(allTime: Int, last30Days: Int, last7Days: Int) {
    self.allTime = allTime
    self.last30Days = last30Days
    self.last7Days = last7Days
  }

  /// Reads the totals, with one query for all of them.
  ///
  /// - Throws: ``ReportError``.
  public static func read(
    from database: ReportDatabase, now: Date = Date()
  ) async throws(ReportError) -> ClientAppsTotal {
    try await database.read { connection in try await read(on: connection, now: now) }
  }

  static func read(on connection: PostgresConnection, now: Date) async throws -> ClientAppsTotal {
    let row = try await connection.query(
      """
      SELECT (SELECT count(*) FROM analytics_client_applications) AS all_time,
             count(DISTINCT name) FILTER (WHERE last_seen > \(now) - interval '720 hours')
                 AS last_30_days,
             count(DISTINCT name) FILTER (WHERE last_seen > \(now) - interval '168 hours')
                 AS last_7_days
      FROM analytics_client_instances
      """
    ).only()
    return ClientAppsTotal(
      allTime: try row.decode(Int.self, "all_time"),
      last30Days: try row.decode(Int.self, "last_30_days"),
      last7Days: try row.decode(Int.self, "last_7_days"))
  }
}

/// A version of an application, and how many of its instances were seen in the last 30 × 24 hours.
package struct ClientVersion: Sendable {
  package var application: String
  /// Empty if the application does not state it.
  package var version: String
  /// The number of instances; 1 or more.
  package var instances: Int

  /// Returns the versions with the most instances, at most 500, because a monitoring system stores
  /// a time series for each.
  package static func mostUsed(
    in database: ReportDatabase, now: Date
  ) async throws(ReportError) -> [ClientVersion] {
    try await database.read { connection in
      try await connection.query(
        """
        SELECT name, coalesce(version, '') AS version, count(*) AS instances
        FROM analytics_client_instances WHERE last_seen > \(now) - interval '720 hours'
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 500
        """
      ).map { row in
        ClientVersion(
          application: try row.decode(String.self, "name"),
          version: try row.decode(String.self, "version"),
          instances: try row.decode(Int.self, "instances"))
      }
    }
  }
}
