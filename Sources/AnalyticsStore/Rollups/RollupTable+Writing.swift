internal import AnalyticsCatalogue

extension RollupTable {
  /// Adds what events contribute to all tables of a rollup, in key order, so that two writers never
  /// wait in a circle.
  ///
  /// - Parameters:
  ///   - source: What holds the events.
  ///   - extra: Which of them, called `e`, besides the rollup's own condition.
  static func upserts(of rollup: Rollup, from source: String, where extra: String?) -> [String] {
    memberUpserts(of: rollup, from: source, where: extra)
      + figureUpserts(of: rollup, from: source, where: extra)
  }

  /// Of the distinct measures: a statement each.
  static func memberUpserts(
    of rollup: Rollup, from source: String, where extra: String?
  ) -> [String] {
    rollup.distinctMeasures.map { measure in
      let table = RollupTable(rollup: rollup, content: .members(measure))
      return table.upsert(table.selection(from: source, where: extra) + "\n" + table.order)
    }
  }

  /// Of the additive measures, one statement: days are summed up from quarters of an hour, so that
  /// what is costly is done once an event.
  static func figureUpserts(
    of rollup: Rollup, from source: String, where extra: String?
  ) -> [String] {
    guard !rollup.additiveMeasures.isEmpty else { return [] }
    let quarterly = RollupTable(rollup: rollup, content: .quarterly)
    let daily = RollupTable(rollup: rollup, content: .daily)
    let derived =
      rollup.name == Rollup.events.name
      ? ", environments AS (\n\(EnvironmentUpdates.upsert(from: "fresh"))\n)" : ""
    return [
      """
      WITH fresh AS MATERIALIZED (
      \(quarterly.selection(from: source, where: extra))
      ), quarters AS (
      \(quarterly.upsert("SELECT * FROM fresh \(quarterly.order)"))
      )\(derived)
      \(daily.upsert(daily.summary(of: "fresh") + "\n" + daily.order))
      """
    ]
  }

  /// The rows that events make.
  func selection(from source: String, where extra: String?) -> String {
    """
    SELECT \(columns.map { "\($0.expression) AS \($0.name)" }.joined(separator: ",\n       "))
    FROM \(events(from: source, where: extra))
    GROUP BY \(keyNumbers)
    """
  }

  /// The days of rows by quarter of an hour.
  private func summary(of quarters: String) -> String {
    let expressions = columns.map { column in
      column.name == timeColumn
        ? "date_bin('1 day', quarter, '2000-01-01 00:00:00+00')" : column.combined ?? column.name
    }
    return "SELECT \(expressions.joined(separator: ", ")) FROM \(quarters) GROUP BY \(keyNumbers)"
  }

  /// - Parameter rows: A query with the table's columns, each key once.
  func upsert(_ rows: String) -> String {
    let merges = values.map { "\($0.name) = \($0.merged ?? "")" }
    var text = """
      INSERT INTO \(name) AS kept (\(columns.map(\.name).joined(separator: ", ")))
      \(rows)
      ON CONFLICT (\(key.map(\.name).joined(separator: ", ")))
          DO UPDATE SET \(merges.joined(separator: ", "))
      """
    if case .members = content {
      // A member seen before in this quarter costs no new row.
      text += "\n    WHERE kept.quarters | excluded.quarters <> kept.quarters"
    }
    return text
  }

  private var keyNumbers: String { (1...key.count).map(String.init).joined(separator: ", ") }
  private var order: String { "ORDER BY \(keyNumbers)" }
}

extension RollupTable {
  private func events(from source: String, where extra: String?) -> String {
    guard case .members(let measure) = content else {
      return rollup.events(from: source, where: extra)
    }
    return rollup.events(from: source, where: extra, membersOf: measure)
  }
}
