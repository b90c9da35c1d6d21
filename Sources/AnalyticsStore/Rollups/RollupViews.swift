internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// The relations that reports read: one view a table, over all its versions, with what is pending.
struct RollupViews {
  /// A version of a rollup that was ever kept.
  struct Version {
    var rollup: Rollup
    /// The literal of an instant.
    var validFrom: String
  }

  /// By name, newest version first.
  let versions: [[Version]]

  var script: SQL {
    (Members.views + versions.flatMap(views) + [Self.seedViews]).joined(separator: ";\n")
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

  /// What is kept and what is pending are rows beside one another: they add up.
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

  /// The rows of an older version, with the columns of the newest; what it did not keep is NULL.
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
    // Until the successor has computed a range, the old figures of it are better than none.
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

  /// Of all views but those of rollups, whose names begin with `analytics_rollup_`.
  static let names =
    Members.viewNames + [
      "stat_environment_updates", "analytics_daily_active_users", "analytics_task_stats_daily",
      "analytics_api_latency_hourly", "analytics_integration_health_daily",
      "analytics_auth_events_daily", "analytics_cocoon_activity_daily", "analytics_errors_hourly",
    ]

  /// The aggregates of the seed, under their names.
  private static let seedViews = SQL(file: PackageResources.seed_views_sql)
}
