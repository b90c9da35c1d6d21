internal import AnalyticsPostgres
internal import AnalyticsRollups

/// The views that reports read. Each table has one view, which combines the rows of all versions
/// and those of pending events.
struct RollupViews {
  /// A version of a rollup that is registered in the database.
  struct Version {
    var rollup: Rollup
    /// The time from which on this version has figures, as text for a literal.
    var validFrom: String
  }

  /// All versions, grouped by name, the newest first.
  let versions: [[Version]]

  var script: SQL {
    (Members.views + versions.flatMap(views) + [Self.upstreamViews]).joined(separator: ";\n")
  }

  private func views(_ versions: [Version]) -> [SQL] {
    guard let newest = versions.first?.rollup else { return [] }
    let views = RollupTable.all(of: newest).map { table in
      let older = versions.indices.dropFirst().compactMap { index -> SQL? in
        let counterpart = RollupTable.all(of: versions[index].rollup).first {
          $0.relation == table.relation && $0.measure?.source == table.measure?.source
        }
        return counterpart.map { Self.older($0, as: table, before: versions[index - 1]) }
      }
      return """
        CREATE VIEW \(identifier: table.relation) AS
        \((Self.newest(table) + older).joined(separator: "\nUNION ALL\n"))
        """ as SQL
    }
    return views + newest.distinctMeasures.compactMap { Members.view(of: $0, in: newest) }
  }

  /// Returns the queries for stored and for pending rows. A view returns both as separate rows,
  /// which add up.
  private static func newest(_ table: RollupTable) -> [SQL] {
    let columns = table.columns.map { "\($0.sql) \($0.type.sql)" as SQL }
    let read = table.columns.map { "\($0.read) AS \($0.sql)" as SQL }
    let entries = table.values.filter { $0.type == .text }.map {
      "\(table.entry(of: $0)) AS \(identifier: Rollup.firstEntry($0.name))" as SQL
    }
    let kept = (read + table.generated.map(\.sql) + entries).joined(separator: ", ")
    let pending = (read + table.generated.map(\.expression) + entries).joined(separator: ", ")
    let version = table.rollup.version
    return [
      """
      SELECT \(kept), \(literal: version) AS version, false AS \(identifier: Rollup.isPending)
      FROM \(table.sql) AS kept
      """,
      """
      SELECT \(pending), \(literal: version), true
      FROM analytics_pending_rows(\(literal: table.rollup.name), \(literal: table.relation))
          AS pending (\(columns.joined(separator: ", ")))
      """,
    ]
  }

  /// Returns a query for the rows of an older version, with the columns of the newest. Columns that
  /// it lacks are NULL.
  private static func older(
    _ table: RollupTable, as newest: RollupTable, before successor: Version
  ) -> SQL {
    let own = table.columns + table.generated
    let columns = (newest.columns + newest.generated).map { column -> SQL in
      guard let own = own.first(where: { $0.name == column.name }) else {
        return "NULL::\(column.type.sql) AS \(column.sql)"
      }
      return "\(own.read) AS \(column.sql)"
    }
    let entries = newest.values.filter { $0.type == .text }.map { column -> SQL in
      let own = table.values.first { $0.name == column.name && $0.type == .text }
      return "\(own.map(table.entry) ?? "NULL") AS \(identifier: Rollup.firstEntry(column.name))"
    }
    // Until the newer version has computed a range, the view shows the older version's figures for
    // it.
    return """
      SELECT \((columns + entries).joined(separator: ", ")), \(literal: table.rollup.version), false
      FROM \(table.sql) AS kept
      WHERE \(table.timeColumn) < \(literal: successor.validFrom)::timestamptz
         OR EXISTS (SELECT FROM analytics_rollup_pending AS p
                    WHERE p.name = \(literal: table.rollup.name)
                      AND p.version = \(literal: successor.rollup.version)
                      AND kept.\(table.timeColumn) >= p.lower
                      AND kept.\(table.timeColumn) < p.upper)
      """
  }

  /// The names of all other views. Those of rollups begin with `analytics_rollup_`.
  static let names =
    Members.viewNames + [
      "stat_environment_updates", "analytics_daily_active_users", "analytics_task_stats_daily",
      "analytics_api_latency_hourly", "analytics_integration_health_daily",
      "analytics_auth_events_daily", "analytics_cocoon_activity_daily", "analytics_errors_hourly",
    ]

  /// The aggregates of adi-analytics and the table of Unleash, under their original names.
  private static let upstreamViews = SQL(file: PackageResources.upstream_views_sql)

  /// The names of the rollups that ``upstreamViews`` read by the hour. They need an index for it.
  static let readByHour = [Rollup.apiRequests.name, Rollup.errors.name]
}
