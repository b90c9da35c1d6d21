internal import AnalyticsCatalogue
internal import AnalyticsPostgres

extension RollupTable {
  /// The rows that events make.
  ///
  /// - Parameters:
  ///   - source: What holds the events.
  ///   - extra: Which of them, called `e`, besides the rollup's own condition.
  func selection(from source: SQL, where extra: SQL?) -> SQL {
    """
    SELECT \(columns.map { "\($0.expression) AS \($0.sql)" as SQL }.joined(separator: ",\n       "))
    FROM \(events(from: source, where: extra))
    GROUP BY \(keyNumbers)
    """
  }

  /// Of the quarters' table: the rows of days that its rows make.
  func summary(of quarters: SQL) -> SQL {
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
    if isOfMembers {
      // A member seen before in this quarter costs no new row.
      text += "\n    WHERE kept.quarters | excluded.quarters <> kept.quarters"
    }
    return text
  }

  private var keyNumbers: SQL { .positions(1...key.count) }

  private func events(from source: SQL, where extra: SQL?) -> SQL {
    guard case .members(let measure) = content else {
      return rollup.events(from: source, where: extra)
    }
    return rollup.events(from: source, where: extra, membersOf: measure)
  }
}
