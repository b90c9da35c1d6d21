internal import AnalyticsPostgres
public import Foundation

/// What each replica counted in the open usage period.
///
/// Columns: `replica`; `kind`; `measure`, `sum` or `members`; `name`; `value`; `since` and
/// `flushed`, the replica's first and last flush of the kind in the period. Members are reported
/// only for the kind `boundary`. They do not add up: a member that two replicas have seen is the
/// same member.
public struct UsageByReplica: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "usage-replicas"
  /// See ``CataloguedReport``.
  public static let summary = "What each replica counted in the open usage period."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.usageKind, .zone]

  /// The kinds of usage to show; empty for all.
  public var kinds: [String] = []
  /// The time zone of instants in the result.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init() {}

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    zone = try parameters.zone()
    kinds = parameters.texts(.usageKind)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      try await reader.check(usageKinds: kinds)
      let rows = try await reader.connection.query(
        """
        SELECT r.replica_id::text AS replica, r.kind, r.measure, r.name, r.value,
               min(r.window_start) OVER each AS since, max(r.updated_at) OVER each AS flushed
        FROM (
            SELECT c.replica_id, c.kind, 'sum' AS measure, c.name, c.value, c.window_start,
                   c.updated_at
            FROM analytics_usage_periods AS p
            JOIN analytics_usage_counters AS c ON c.period_id = p.id
            WHERE p.ended_at IS NULL
            UNION ALL
            SELECT b.replica_id, 'boundary', 'members', v.name, v.value, b.window_start, b.updated_at
            FROM boundary_usage_stats AS b
            CROSS JOIN LATERAL (VALUES ('workspaces', b.unique_workspaces_count),
                                       ('users', b.unique_users_count)) AS v (name, value)
        ) AS r
        WHERE \(kinds.isEmpty ? "true" : "r.kind = ANY (\(kinds))" as SQL)
        WINDOW each AS (PARTITION BY r.kind, r.replica_id)
        ORDER BY r.kind, since, r.replica_id, r.measure DESC, r.name
        """)
      return Series(
        name: Self.name, zone: zone,
        columns: [
          .init("replica", .text), .init("kind", .text), .init("measure", .text),
          .init("name", .text), .init("value", .number), .init("since", .instant),
          .init("flushed", .instant),
        ],
        rows: try rows.map { row in
          [
            .text(try row.decode(String.self, "replica")),
            .text(try row.decode(String.self, "kind")),
            .text(try row.decode(String.self, "measure")),
            .text(try row.decode(String.self, "name")),
            .integer(try row.decode(Int.self, "value")),
            .instant(try row.decode(Date.self, "since")),
            .instant(try row.decode(Date.self, "flushed")),
          ]
        })
    }
  }
}
