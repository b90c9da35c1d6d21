internal import AnalyticsPostgres
internal import AnalyticsRollups

/// SQL that limits the number of distinct values of a rollup's dimensions: see ``Dimension``.
///
/// A value is admitted on a day if the day has a row with it; no other table records that. Once a
/// day has a row with ``Dimension/other``, no further value is admitted, so a value that counted as
/// other keeps doing so.
///
/// Values are admitted in order of batch, and within a batch in order of quarter of an hour. So the
/// result does not depend on how many batches are rolled up at once.
struct DimensionBounds {
  /// A rule for which values count as other.
  enum Refusal {
    /// For new events: the values that exceed the limit.
    case newEvents
    /// For events that are counted already: the values that are not stored, on days that have
    /// other. The condition selects days by the column `day`.
    case storedEvents(on: SQL)
  }

  let rollup: Rollup
  let refusal: Refusal

  // MARK: - Values that count as other

  /// Returns a query for the values that count as other, with `dimension`, `day`, `scope` and
  /// `value`.
  ///
  /// - Parameter counted: A relation with `quarter` and the dimensions as events have them. For new
  ///   events it also has `_batch`, the lowest batch of these events. It has to include all events
  ///   that the rollup counts.
  func refused(from counted: SQL) -> SQL {
    let other = SQL.literal(Dimension.other)
    let first: SQL
    let isRefused: SQL
    switch refusal {
    case .newEvents:
      first = "min(ARRAY[_batch, extract(epoch FROM quarter)::bigint])"
      isRefused = "is_closed OR is_after_other OR place > most - coalesce(taken, 0)"
    case .storedEvents:
      first = "min(quarter)"
      isRefused = "is_closed"
    }
    let values = rollup.dimensions.map { dimension in
      """
      SELECT \(literal: dimension.name) COLLATE "C" AS dimension, \(RollupTable.dayOfQuarter) AS day,
             \(scope(of: dimension)) AS scope, \(dimension.sql) AS value,
             \(literal: dimension.limit) AS most, \(first) AS first
      FROM \(counted) WHERE \(dimension.sql) <> '' GROUP BY 1, 2, 3, 4
      """ as SQL
    }
    return """
      WITH known AS MATERIALIZED (
          SELECT DISTINCT v.dimension, k.day, v.scope, v.value
          FROM (\(known(counted))) AS k CROSS JOIN LATERAL (VALUES \(knownValues)) AS v (dimension, scope, value)
          WHERE v.value IS NOT NULL)
      SELECT dimension, day, scope, value
      FROM (SELECT v.*, r.taken, r.is_closed, row_number() OVER in_order AS place,
                   bool_or(v.value = \(other)) OVER in_order AS is_after_other
            FROM (\(values.joined(separator: "\nUNION ALL\n"))) AS v
            LEFT JOIN (SELECT dimension, day, scope, bool_or(value = \(other)) AS is_closed,
                              count(*) FILTER (WHERE value <> '') AS taken
                       FROM known GROUP BY 1, 2, 3) AS r USING (dimension, day, scope)
            WHERE NOT EXISTS (SELECT FROM known AS k
                              WHERE (k.dimension, k.day, k.scope, k.value) = (v.dimension, v.day, v.scope, v.value))
            WINDOW in_order AS (PARTITION BY v.dimension, v.day, v.scope ORDER BY v.first, v.value)) AS v
      WHERE \(isRefused)
      """
  }

  /// Returns a query for the dimensions of the stored rows on the days of `counted`. Each day is
  /// read once, by the key.
  private func known(_ counted: SQL) -> SQL {
    let dimensions = rollup.dimensions.map(\.sql).joined(separator: ", ")
    if case .storedEvents(let days) = refusal {
      return "SELECT DISTINCT day, \(dimensions) FROM \(rollup.rowsByDay) WHERE \(days)"
    }
    let tables = RollupTable.all(of: rollup).filter { !$0.isQuarterly }
    let hasFigures = !rollup.additiveMeasures.isEmpty
    let rows = tables.filter { ($0.measure == nil) == hasFigures }.map {
      "SELECT \(dimensions) FROM \($0.sql) AS k WHERE k.day = d.day" as SQL
    }
    return """
      SELECT DISTINCT d.day, k.*
      FROM (SELECT DISTINCT \(RollupTable.dayOfQuarter) AS day FROM \(counted)) AS d
      CROSS JOIN LATERAL (\(rows.joined(separator: " UNION ALL ")) OFFSET 0) AS k
      """
  }

  private var knownValues: SQL {
    rollup.dimensions.map { dimension in
      "(\(literal: dimension.name) COLLATE \"C\", \(scope(of: dimension)), \(dimension.sql))" as SQL
    }.joined(separator: ", ")
  }

  private func scope(of dimension: Dimension) -> SQL {
    rollup.scope(of: dimension)?.sql ?? "'' COLLATE \"C\""
  }

  // MARK: - Merging other values

  /// Returns a query that merges the rows of values which count as other into one row each.
  ///
  /// - Parameters:
  ///   - rows: A relation with `quarter`, the dimensions and further columns.
  ///   - values: The further columns, each with an aggregate that combines several rows.
  ///   - refused: The result of ``refused(from:)``.
  func bounded(_ rows: SQL, values: [(name: SQL, combined: SQL)], refused: SQL) -> SQL {
    let key = ["quarter"] + dimensions
    let names = key + values.map(\.name)
    let combined = key + values.map(\.combined)
    let named = zip(bounded, dimensions).map { "\($0) AS \($1)" as SQL }
    return """
      WITH named AS MATERIALIZED (
          SELECT \((["c.quarter"] + named + values.map { "c.\($0.name)" as SQL }).joined(separator: ", "))
          FROM \(rows) AS c\(joins(to: refused)))
      SELECT \(names.joined(separator: ", ")) FROM named WHERE NOT \(rollup.hasOther)
      UNION ALL
      SELECT \(combined.joined(separator: ", ")) FROM named WHERE \(rollup.hasOther)
      GROUP BY \(.positions(1...key.count))
      """
  }

  /// Returns a query for those combinations of quarter and dimensions in which a value counts as
  /// other, with the dimensions as they count. There are few of them compared with members, so they
  /// are used to bound the members.
  func others(in counted: SQL, refused: SQL) -> SQL {
    let key = (["quarter"] + dimensions).map { "c.\($0)" as SQL }
    let named = zip(bounded, boundedNames).map { "\($0) AS \($1)" as SQL }
    return """
      SELECT * FROM (SELECT DISTINCT \((key + named).joined(separator: ", "))
                     FROM \(counted) AS c\(joins(to: refused))) AS c
      WHERE \(literal: Dimension.other) IN (\(boundedNames.joined(separator: ", ")))
      """
  }

  /// Returns a query for the rows in which no value counts as other.
  ///
  /// - Parameters:
  ///   - rows: A relation with `quarter` or `day`, and the dimensions as events have them.
  ///   - others: The result of ``others(in:refused:)``.
  func rowsWithoutOther(_ rows: SQL, byDay: Bool = false, others: SQL) -> SQL {
    let time: SQL =
      byDay ? "r.day = \(RollupTable.day(of: "o.quarter"))" : "r.quarter = o.quarter"
    let isSame = [time] + dimensions.map { "r.\($0) = o.\($0)" }
    return """
      SELECT r.* FROM \(rows) AS r
      WHERE NOT EXISTS (SELECT FROM \(others) AS o WHERE \(isSame.joined(separator: " AND ")))
      """
  }

  /// Returns a query for the distinct members of the rows in which a value counts as other. Its
  /// columns are `quarter`, the dimensions as they count, and `_number`.
  ///
  /// - Parameters:
  ///   - members: The same columns, with the dimensions as events have them.
  ///   - others: The result of ``others(in:refused:)``.
  func otherMembers(of members: SQL, others: SQL) -> SQL {
    let named = zip(boundedNames, dimensions).map { "o.\($0) AS \($1)" as SQL }
    let keys = (["quarter"] + dimensions).joined(separator: ", ")
    return """
      SELECT DISTINCT quarter, \((named + ["m._number"]).joined(separator: ", "))
      FROM \(members) AS m JOIN \(others) AS o USING (\(keys))
      """
  }

  private var dimensions: [SQL] { rollup.dimensions.map(\.sql) }
  private var boundedNames: [SQL] {
    rollup.dimensions.map { .identifier("\($0.name) bounded") }
  }

  /// The dimensions of a row `c` as they count.
  private var bounded: [SQL] {
    rollup.dimensions.map { dimension in
      rollup.bounded(
        dimension, value: { "c.\($0.sql)" },
        isOther: { "\(Self.refusal(of: $0)).value IS NOT NULL" })
    }
  }

  private func joins(to refused: SQL) -> SQL {
    rollup.dimensions.map { dimension in
      let refusal = Self.refusal(of: dimension)
      let scope = rollup.scope(of: dimension).map { "c.\($0.sql)" as SQL } ?? "''"
      return """

        LEFT JOIN \(refused) AS \(refusal)
            ON \(refusal).dimension = \(literal: dimension.name) AND \(refusal).day = \(RollupTable.dayOfQuarter)
            AND \(refusal).scope = \(scope) AND \(refusal).value = c.\(dimension.sql)
        """
    }.joined(separator: "")
  }

  private static func refusal(of dimension: Dimension) -> SQL {
    .identifier("\(dimension.name) refused")
  }
}
