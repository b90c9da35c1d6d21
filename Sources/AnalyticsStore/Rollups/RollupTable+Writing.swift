internal import AnalyticsPostgres
internal import AnalyticsRollups

extension RollupTable {
  /// Returns a query for the rows of figures that events make.
  ///
  /// - Parameters:
  ///   - source: The relation that holds the events.
  ///   - more: Further columns: names, and aggregates over `e`.
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

  /// Returns a query for the distinct members of events, with the time and the dimensions of this
  /// table of sets, and `_number`.
  ///
  /// - Parameters:
  ///   - source: The relation that holds the events.
  ///   - numbers: A query for the `member` and `number` of the members to count. `nil` counts all
  ///     members, with the numbers that the views have; a member without a number gets NULL.
  ///   - more: Further columns: names, and aggregates over `e`.
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
    // If the server sorts to group, it should compare the column first in which rows differ most.
    return """
      SELECT \(names.joined(separator: ", ")),
             \(numbers == nil ? Source.number : "n.number") AS _number
      FROM (SELECT \(grouped.joined(separator: ", "))
            FROM \(rollup.events(from: source, membersOf: measure))
            GROUP BY \(literal: keys.count + 1), \(.positions(1...keys.count))) AS s
      \(joins ?? member.joins(to: "s._member"))
      """
  }

  /// Returns a query for the rows of sets, from the result of ``seen(from:numbers:adding:)``. For a
  /// table by day, a number may occur several times.
  func sets(of seen: SQL) -> SQL {
    let own = columns.dropFirst(periods.count).map { "\($0.expression) AS \($0.sql)" as SQL }
    return """
      SELECT \((periods.map(\.sql) + own).joined(separator: ", "))
      FROM \(isQuarterly ? seen : blocks(of: seen)) GROUP BY \(keyNumbers)
      """
  }

  /// Returns blocks of 1,000 numbers as bits. Setting a bit copies the whole value, so it must not
  /// be one of 32,000 bits.
  private func blocks(of seen: SQL) -> SQL {
    let keys = periods.map(\.sql)
    return """
      (SELECT \(keys.joined(separator: ", ")), _number / 32000 AS _chunk,
              _number % 32000 / 1000 AS _block,
              bit_or(set_bit(0::bit(1000), _number % 1000, 1)) AS _bits
       FROM \(seen) GROUP BY \(.positions(1...keys.count + 2))) AS blocks
      """
  }

  /// Returns a query for the rows of a table by day, from the rows by quarter of an hour.
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

  /// Returns a statement that inserts rows, and merges them with those that exist.
  ///
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
      // Most members were seen earlier on the same day. Then the row is not written again.
      text += "\n    WHERE kept._members | excluded._members <> kept._members"
    }
    return text
  }

  private var keyNumbers: SQL { .positions(1...key.count) }
}
