internal import AnalyticsCatalogue
internal import AnalyticsPostgres

extension RollupTable {
  /// The rows of figures that events make.
  ///
  /// - Parameters:
  ///   - source: What holds the events.
  ///   - more: More columns: names, and aggregates over `e`.
  func selection(from source: SQL, adding more: [(name: SQL, value: SQL)]) -> SQL {
    let columns =
      columns.map { "\($0.expression) AS \($0.sql)" as SQL }
      + more.map { "\($0.value) AS \($0.name)" }
    return """
      SELECT \(columns.joined(separator: ",\n       "))
      FROM \(rollup.events(from: source))
      GROUP BY \(keyNumbers)
      """
  }

  /// Of a table of sets: who was seen, as rows with the time, the dimensions and `_number`, each once.
  ///
  /// - Parameters:
  ///   - source: What holds the events.
  ///   - numbers: A query with `member` and `number` of those who count. By default all do, with the
  ///     numbers that views have, and NULL for who has none.
  ///   - more: More columns: names, and aggregates over `e`.
  func seen(
    from source: SQL, numbers: SQL?, adding more: [(name: SQL, value: SQL)] = []
  ) -> SQL {
    guard let measure, let member = measure.source else {
      preconditionFailure("\(name) has no members")
    }
    let keys = periods.map { "\($0.expression) AS \($0.sql)" as SQL }
    let grouped = keys + ["\(member.member) AS _member"] + more.map { "\($0.value) AS \($0.name)" }
    let names = (periods.map(\.sql) + more.map(\.name)).map { "s.\($0)" as SQL }
    let joins = numbers.map { "JOIN (\($0)) AS n ON n.member = s._member" as SQL }
    // Where groups are sorted, they are told apart soonest by what differs most.
    return """
      SELECT \(names.joined(separator: ", ")),
             \(numbers == nil ? Source.number : "n.number") AS _number
      FROM (SELECT \(grouped.joined(separator: ", "))
            FROM \(rollup.events(from: source, membersOf: measure))
            GROUP BY \(literal: keys.count + 1), \(.positions(1...keys.count))) AS s
      \(joins ?? member.joins(to: "s._member"))
      """
  }

  /// The rows of what ``seen(from:numbers:)`` selects. By day a number may come several times.
  func sets(of seen: SQL) -> SQL {
    let own = columns.dropFirst(periods.count).map { "\($0.expression) AS \($0.sql)" as SQL }
    return """
      SELECT \((periods.map(\.sql) + own).joined(separator: ", "))
      FROM \(isQuarterly ? seen : blocks(of: seen)) GROUP BY \(keyNumbers)
      """
  }

  /// By 1,000 numbers, for whoever sets a bit copies all of them.
  private func blocks(of seen: SQL) -> SQL {
    let keys = periods.map(\.sql)
    return """
      (SELECT \(keys.joined(separator: ", ")), _number / 32000 AS _chunk,
              _number % 32000 / 1000 AS _block,
              bit_or(set_bit(0::bit(1000), _number % 1000, 1)) AS _bits
       FROM \(seen) GROUP BY \(.positions(1...keys.count + 2))) AS blocks
      """
  }

  /// Of a table by day: the rows that those of the table by quarter of an hour make.
  func summary(of quarters: SQL) -> SQL {
    let time = Self.dayOfQuarter
    guard measure == nil else {
      let columns = ["\(time) AS day"] + rollup.dimensions.map(\.sql) + ["_number"]
      return sets(of: "(SELECT \(columns.joined(separator: ", ")) FROM \(quarters)) AS seen")
    }
    let expressions =
      ["\(time) AS day"] + rollup.dimensions.map(\.sql)
      + values.map { "\($0.combined ?? $0.sql) AS \($0.sql)" }
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
    if case .dailySets = content {
      // Most who are seen were seen before on the day: then the row stays.
      text += "\n    WHERE kept._members | excluded._members <> kept._members"
    }
    return text
  }

  private var keyNumbers: SQL { .positions(1...key.count) }
}
