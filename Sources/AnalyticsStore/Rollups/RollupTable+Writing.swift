internal import AnalyticsCatalogue
internal import AnalyticsPostgres

extension RollupTable {
  /// Adds what events contribute to all tables of a rollup, in key order, so that two writers never
  /// wait in a circle.
  ///
  /// - Parameters:
  ///   - source: What holds the events.
  ///   - extra: Which of them, called `e`, besides the rollup's own condition.
  static func upserts(of rollup: Rollup, from source: SQL, where extra: SQL?) -> [SQL] {
    memberUpserts(of: rollup, from: source, where: extra)
      + figureUpserts(of: rollup, from: source, where: extra)
  }

  /// Of the distinct measures: a statement each.
  static func memberUpserts(of rollup: Rollup, from source: SQL, where extra: SQL?) -> [SQL] {
    rollup.distinctMeasures.map { measure in
      let table = RollupTable(rollup: rollup, content: .members(measure))
      return table.upsert("\(table.selection(from: source, where: extra))\n\(table.order)")
    }
  }

  /// Of the additive measures, one statement: days are summed up from quarters of an hour, so that
  /// what is costly is done once an event.
  static func figureUpserts(of rollup: Rollup, from source: SQL, where extra: SQL?) -> [SQL] {
    guard !rollup.additiveMeasures.isEmpty else { return [] }
    let quarterly = RollupTable(rollup: rollup, content: .quarterly)
    let daily = RollupTable(rollup: rollup, content: .daily)
    let derived: SQL =
      rollup.name == Rollup.events.name
      ? ", environments AS (\n\(EnvironmentUpdates.upsert(from: "fresh"))\n)" : ""
    return [
      """
      WITH fresh AS MATERIALIZED (
      \(quarterly.selection(from: source, where: extra))
      ), quarters AS (
      \(quarterly.upsert("SELECT * FROM fresh \(quarterly.order)"))
      )\(derived)
      \(daily.upsert("\(daily.summary(of: "fresh"))\n\(daily.order)"))
      """
    ]
  }

  /// The rows that events make.
  func selection(from source: SQL, where extra: SQL?) -> SQL {
    """
    SELECT \(columns.map { "\($0.expression) AS \($0.sql)" as SQL }.joined(separator: ",\n       "))
    FROM \(events(from: source, where: extra))
    GROUP BY \(keyNumbers)
    """
  }

  /// The days of rows by quarter of an hour.
  private func summary(of quarters: SQL) -> SQL {
    let time: SQL = "date_bin('1 day', quarter, '2000-01-01 00:00:00+00')"
    let expressions = [time] + columns.dropFirst().map { $0.combined ?? $0.sql }
    return "SELECT \(expressions.joined(separator: ", ")) FROM \(quarters) GROUP BY \(keyNumbers)"
  }

  /// - Parameter rows: A query with the table's columns, each key once.
  func upsert(_ rows: SQL) -> SQL {
    let merges = values.map { "\($0.sql) = \($0.merged ?? "")" as SQL }
    var text: SQL = """
      INSERT INTO \(sql) AS kept (\(columns.map(\.sql).joined(separator: ", ")))
      \(rows)
      ON CONFLICT (\(key.map(\.sql).joined(separator: ", ")))
          DO UPDATE SET \(merges.joined(separator: ", "))
      """
    if case .members = content {
      // A member seen before in this quarter costs no new row.
      text += "\n    WHERE kept.quarters | excluded.quarters <> kept.quarters"
    }
    return text
  }

  private var keyNumbers: SQL { .positions(1...key.count) }
  private var order: SQL { "ORDER BY \(keyNumbers)" }
}

extension RollupTable {
  private func events(from source: SQL, where extra: SQL?) -> SQL {
    guard case .members(let measure) = content else {
      return rollup.events(from: source, where: extra)
    }
    return rollup.events(from: source, where: extra, membersOf: measure)
  }
}
