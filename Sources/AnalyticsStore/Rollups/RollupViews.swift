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
    (versions.flatMap(views) + [Self.users, Self.seedViews]).joined(separator: ";\n")
  }

  private func views(_ versions: [Version]) -> [SQL] {
    guard let newest = versions.first else { return [] }
    return RollupTable.all(of: newest.rollup).map { table in
      let older = versions.indices.dropFirst().compactMap { index -> SQL? in
        let counterpart = RollupTable.all(of: versions[index].rollup).first {
          $0.relation == table.relation
        }
        return counterpart.map { Self.older($0, as: table, before: versions[index - 1]) }
      }
      let parts = table.isOfMembers ? Self.members(table) : Self.figures(table)
      let pending: SQL =
        table.isOfMembers ? "\nWITH pending AS MATERIALIZED (\(table.pending))" : ""
      return """
        CREATE VIEW \(identifier: table.relation) AS\(pending)
        \((parts + older).joined(separator: "\nUNION ALL\n"))
        """
    }
  }

  /// What is kept and what is pending are rows beside one another: they add up.
  private static func figures(_ table: RollupTable) -> [SQL] {
    [
      "SELECT \(table.list), \(literal: table.rollup.version) AS version FROM \(table.sql) AS kept",
      """
      SELECT \(table.list), \(literal: table.rollup.version)
      FROM (\(table.pending)) AS pending
      """,
    ]
  }

  /// A member has one row a day. Only on days of which something is pending is anybody looked for.
  private static func members(_ table: RollupTable) -> [SQL] {
    let keys = table.key.map { "pending.\($0.sql)" as SQL }
    let isSame = table.key.map { "pending.\($0.sql) = kept.\($0.sql)" as SQL }
    return [
      """
      SELECT \(table.list), \(literal: table.rollup.version) AS version
      FROM \(table.sql) AS kept
      WHERE kept.day <> ALL (ARRAY(SELECT DISTINCT pending.day FROM pending))
         OR NOT EXISTS (SELECT FROM pending WHERE \(isSame.joined(separator: " AND ")))
      """,
      """
      SELECT \(keys.joined(separator: ", ")),
             pending.quarters | coalesce(kept.quarters, 0::bit(96)), \(literal: table.rollup.version)
      FROM pending LEFT JOIN \(table.sql) AS kept ON \(isSame.joined(separator: " AND "))
      """,
    ]
  }

  /// The rows of an older version, with the columns of the newest; what it did not keep is NULL.
  private static func older(
    _ table: RollupTable, as newest: RollupTable, before successor: Version
  ) -> SQL {
    let own = Set(table.columns.map(\.name))
    let columns = newest.columns.map { column -> SQL in
      own.contains(column.name) ? column.sql : "NULL::\(column.type.sql) AS \(column.sql)"
    }
    // Until the successor has computed a range, the old figures of it are better than none.
    return """
      SELECT \(columns.joined(separator: ", ")), \(literal: table.rollup.version)
      FROM \(table.sql) AS kept
      WHERE \(table.timeColumn) < \(literal: successor.validFrom)::timestamptz
         OR EXISTS (SELECT FROM analytics_rollup_pending AS p
                    WHERE p.name = \(literal: table.rollup.name)
                      AND p.version = \(literal: successor.rollup.version)
                      AND kept.\(table.timeColumn) >= p.lower
                      AND kept.\(table.timeColumn) < p.upper)
      """
  }

  private static let users: SQL = """
    CREATE VIEW analytics_users AS
    WITH pending AS MATERIALIZED (
        SELECT member AS user_id, min(day) AS first_day, max(day) AS last_day
        FROM (\(RollupTable.users.pending)) AS days GROUP BY member)
    SELECT user_id, first_day, last_day FROM \(Users.kept) AS kept
    WHERE NOT EXISTS (SELECT FROM pending)
       OR NOT EXISTS (SELECT FROM pending WHERE pending.user_id = kept.user_id)
    UNION ALL
    SELECT pending.user_id, least(pending.first_day, kept.first_day),
           greatest(pending.last_day, kept.last_day)
    FROM pending LEFT JOIN \(Users.kept) AS kept ON pending.user_id = kept.user_id
    """

  /// The aggregates of the seed, under their names.
  private static let seedViews = SQL(file: PackageResources.seed_views_sql)
}

extension RollupTable {
  fileprivate static let users = RollupTable(
    rollup: .activity, content: .members(Rollup.activity.measures[0]))

  fileprivate var list: SQL { columns.map(\.sql).joined(separator: ", ") }

  /// A query: the rows that pending events make.
  fileprivate var pending: SQL {
    let columns = columns.map { "\($0.sql) \($0.type.sql)" as SQL }
    return """
      SELECT * FROM analytics_pending_rows(\(literal: rollup.name), \(literal: relation))
          AS r (\(columns.joined(separator: ", ")))
      """
  }
}
