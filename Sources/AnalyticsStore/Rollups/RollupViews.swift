internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// The relations that reports read: one view a table, over all its versions.
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
    (versions.flatMap(views) + [Self.seedViews]).joined(separator: ";\n")
  }

  private func views(_ versions: [Version]) -> [SQL] {
    guard let newest = versions.first else { return [] }
    return RollupTable.all(of: newest.rollup).map { table in
      let parts = versions.enumerated().compactMap { index, version -> SQL? in
        let counterpart = RollupTable.all(of: version.rollup).first {
          $0.relation == table.relation
        }
        guard let counterpart else { return nil }
        let successor = index == 0 ? nil : versions[index - 1]
        return Self.part(counterpart, as: table, before: successor)
      }
      return """
        CREATE VIEW \(identifier: table.relation) AS
        \(parts.joined(separator: "\nUNION ALL\n"))
        """
    }
  }

  /// One version's rows, with the columns of the newest; what it did not keep is NULL.
  private static func part(
    _ table: RollupTable, as newest: RollupTable, before successor: Version?
  ) -> SQL {
    let own = Set(table.columns.map(\.name))
    let columns = newest.columns.map { column -> SQL in
      own.contains(column.name) ? column.sql : "NULL::\(column.type.sql) AS \(column.sql)"
    }
    let selection: SQL = """
      SELECT \(columns.joined(separator: ", ")), \(literal: table.rollup.version) AS version
      FROM \(table.sql) AS kept
      """
    guard let successor else { return selection }
    // Until the successor has computed a range, the old figures of it are better than none.
    return """
      \(selection)
      WHERE \(table.timeColumn) < \(literal: successor.validFrom)::timestamptz
         OR EXISTS (SELECT FROM analytics_rollup_pending AS p
                    WHERE p.name = \(literal: table.rollup.name)
                      AND p.version = \(literal: successor.rollup.version)
                      AND kept.\(table.timeColumn) >= p.lower
                      AND kept.\(table.timeColumn) < p.upper)
      """
  }

  /// The aggregates of the seed, under their names.
  private static let seedViews = SQL(file: PackageResources.seed_views_sql)
}
