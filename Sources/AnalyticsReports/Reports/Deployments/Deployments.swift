internal import AnalyticsPostgres
public import Foundation

/// The deployments that have sent telemetry to this collector.
///
/// Columns: `deployment`, its id; `first_seen`; `last_period`, the end of the last period that it
/// reported; `periods`, how many of its periods are stored; `migration`, `postgresql`,
/// `timescaledb`, its versions in the last period; `users`, how many users it had ever seen;
/// `turned_off`, when its notice came that telemetry is off. The most recent deployments come
/// first, at most 10,000.
public struct Deployments: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "deployments"
  /// See ``CataloguedReport``.
  public static let summary =
    "Which deployments send telemetry to this collector, with their versions."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.zone]

  /// The time zone of instants in the result.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init() {}

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) { zone = try parameters.zone() }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let rows = try await reader.connection.query(
        """
        SELECT d.deployment_id::text AS deployment, d.first_seen, d.turned_off_at, latest.ended_at,
               (SELECT count(*) FROM analytics_telemetry_snapshots AS s
                WHERE s.deployment_id = d.deployment_id) AS periods,
               (latest.snapshot #>> '{software,migration}')::int8 AS migration,
               latest.snapshot #>> '{software,postgresql}' AS postgresql,
               latest.snapshot #>> '{software,timescaledb}' AS timescaledb,
               (latest.snapshot #>> '{statistics,users}')::int8 AS users
        FROM analytics_telemetry_deployments AS d
        LEFT JOIN LATERAL (
            SELECT s.ended_at, s.document -> 'snapshot' AS snapshot
            FROM analytics_telemetry_snapshots AS s WHERE s.deployment_id = d.deployment_id
            ORDER BY s.period_id DESC LIMIT 1
        ) AS latest ON true
        ORDER BY latest.ended_at DESC NULLS LAST, d.deployment_id
        LIMIT 10000
        """)
      return Series(
        name: Self.name, zone: zone,
        columns: [
          .init("deployment", .text), .init("first_seen", .instant),
          .init("last_period", .instant), .init("periods", .number),
          .init("migration", .number), .init("postgresql", .text), .init("timescaledb", .text),
          .init("users", .users), .init("turned_off", .instant),
        ],
        rows: try rows.map { row in
          func text(_ column: String) throws -> Series.Value {
            try row.decode(String?.self, column).map(Series.Value.text) ?? .null
          }
          func instant(_ column: String) throws -> Series.Value {
            try row.decode(Date?.self, column).map(Series.Value.instant) ?? .null
          }
          func integer(_ column: String) throws -> Series.Value {
            try row.decode(Int?.self, column).map(Series.Value.integer) ?? .null
          }
          return [
            try text("deployment"), try instant("first_seen"), try instant("ended_at"),
            try integer("periods"), try integer("migration"), try text("postgresql"),
            try text("timescaledb"), try integer("users"), try instant("turned_off_at"),
          ]
        })
    }
  }
}
