internal import AnalyticsCatalogue
internal import AnalyticsText

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

  var script: String {
    (versions.flatMap(views) + [Self.seedViews]).joined(separator: ";\n")
  }

  private func views(_ versions: [Version]) -> [String] {
    guard let newest = versions.first else { return [] }
    return RollupTable.all(of: newest.rollup).map { table in
      let parts = versions.enumerated().compactMap { index, version -> String? in
        let counterpart = RollupTable.all(of: version.rollup).first {
          $0.relation == table.relation
        }
        guard let counterpart else { return nil }
        let successor = index == 0 ? nil : versions[index - 1]
        return Self.part(counterpart, as: table, before: successor)
      }
      return """
        CREATE VIEW \(table.relation) AS
        \(parts.joined(separator: "\nUNION ALL\n"))
        """
    }
  }

  /// One version's rows, with the columns of the newest; what it did not keep is NULL.
  private static func part(
    _ table: RollupTable, as newest: RollupTable, before successor: Version?
  ) -> String {
    let own = Set(table.columns.map(\.name))
    let columns = newest.columns.map { column in
      own.contains(column.name) ? column.name : "NULL::\(column.type) AS \(column.name)"
    }
    let selection = """
      SELECT \((columns + ["\(table.rollup.version) AS version"]).joined(separator: ", "))
      FROM \(table.name) AS kept
      """
    guard let successor else { return selection }
    // Until the successor has computed a range, the old figures of it are better than none.
    return selection + """

      WHERE \(table.timeColumn) < \(SQLText.literal(successor.validFrom))::timestamptz
         OR EXISTS (SELECT FROM analytics_rollup_pending AS p
                    WHERE p.name = \(SQLText.literal(table.rollup.name))
                      AND p.version = \(successor.rollup.version)
                      AND kept.\(table.timeColumn) >= p.lower
                      AND kept.\(table.timeColumn) < p.upper)
      """
  }

  /// The aggregates of the seed, under their names.
  private static let seedViews = String(
    decoding: PackageResources.seed_views_sql, as: UTF8.self)
}
