internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// How the values of a rollup's dimensions are bounded when events are merged or read: see ``Dimension``.
///
/// Who was admitted on a day is who has a row of the day. So nothing else is stored, and an erased or emptied day
/// needs nothing done. Once a day has a row of ``Dimension/other``, nobody new is admitted: what counted as other stays so.
///
/// Values are admitted batch by batch, and of a batch by quarter of an hour: so it makes no difference how many
/// batches are rolled up at once, and events that are pending read as they will when they are rolled up.
///
/// Rows are bounded after events were counted by what they bring, since then there are few of them.
struct DimensionBounds {
  let rollup: Rollup

  /// A query: the values for which there is no room, with `dimension`, `day`, `scope` and `value`.
  ///
  /// - Parameter counted: Rows with `quarter`, the dimensions as events have them, and in `_batch` the first batch
  ///   of these events. All that the rollup counts has to be in them.
  func refused(from counted: SQL) -> SQL {
    let other = SQL.literal(Dimension.other)
    let values = rollup.dimensions.map { dimension in
      """
      SELECT \(literal: dimension.name) COLLATE "C" AS dimension, \(Self.day) AS day,
             \(scope(of: dimension) ?? "''") COLLATE "C" AS scope, \(dimension.sql) AS value,
             min(ARRAY[_batch, extract(epoch FROM quarter)::bigint]) AS first
      FROM \(counted) WHERE \(dimension.sql) <> '' GROUP BY 1, 2, 3, 4
      """ as SQL
    }
    // Each is looked up by itself, by the key: a join would read all days. How much room there is, once.
    return """
      SELECT dimension, day, scope, value
      FROM (SELECT *, max(room) OVER (PARTITION BY dimension, day, scope) AS room_of_all
            FROM (SELECT *, CASE WHEN place = 1 THEN \(byDimension(room)) END AS room
                  FROM (SELECT *, row_number() OVER in_order AS place,
                               bool_or(value = \(other)) OVER in_order AS is_after_other
                        FROM (\(values.joined(separator: "\nUNION ALL\n"))) AS v
                        WHERE \(byDimension(isKept)) IS NULL
                        WINDOW in_order AS (PARTITION BY dimension, day, scope ORDER BY first, value)
                       ) AS v) AS v) AS v
      WHERE place > room_of_all OR is_after_other
      """
  }

  private func byDimension(_ value: (Dimension) -> SQL) -> SQL {
    let cases = rollup.dimensions.map { "WHEN \(literal: $0.name) THEN (\(value($0)))" as SQL }
    return "CASE dimension \(cases.joined(separator: " ")) END"
  }

  /// True for a value `v` that has rows of its day; else NULL.
  private func isKept(_ dimension: Dimension) -> SQL {
    "SELECT true FROM \(kept) AS k WHERE \(isInScope(dimension)) AND k.\(dimension.sql) = v.value LIMIT 1"
  }

  /// How many values a day has room for.
  private func room(_ dimension: Dimension) -> SQL {
    """
    SELECT CASE WHEN bool_or(k.\(dimension.sql) = \(literal: Dimension.other)) THEN 0
                ELSE \(literal: dimension.limit)
                     - count(DISTINCT k.\(dimension.sql)) FILTER (WHERE k.\(dimension.sql) <> '') END
    FROM \(kept) AS k WHERE \(isInScope(dimension))
    """
  }

  private func isInScope(_ dimension: Dimension) -> SQL {
    scope(of: dimension).map { "k.day = v.day AND k.\($0) = v.scope" } ?? "k.day = v.day"
  }

  private func scope(of dimension: Dimension) -> SQL? { rollup.scope(of: dimension).map(\.sql) }

  /// The dimensions of what is kept.
  private var kept: SQL {
    let tables = RollupTable.all(of: rollup).filter { !$0.isQuarterly }
    guard tables.last?.measure != nil else { return tables.last?.sql ?? "" }
    let names = ["day"] + rollup.dimensions.map(\.sql)
    let rows = tables.map { "SELECT \(names.joined(separator: ", ")) FROM \($0.sql)" as SQL }
    return "(\(rows.joined(separator: " UNION ALL ")))"
  }

  private static let day: SQL = "date_bin('1 day', quarter, '2000-01-01 00:00:00+00')"

  // MARK: - Putting others together

  /// A query for rows of which those of other values are one.
  ///
  /// - Parameters:
  ///   - rows: They have the columns `quarter` and the dimensions, and others.
  ///   - keys: Those of the others by which rows differ.
  ///   - values: The rest, each with an aggregate that makes several of it one.
  ///   - refused: What ``refused(from:)`` has found.
  func bounded(
    _ rows: SQL, keys: [SQL] = [], values: [(name: SQL, combined: SQL)] = [], refused: SQL
  ) -> SQL {
    let dimensions = rollup.dimensions.map(\.sql)
    let own = ["quarter"] + dimensions + keys
    let names = own + values.map(\.name)
    let isOther: SQL = "\(literal: Dimension.other) IN (\(dimensions.joined(separator: ", ")))"
    let combined = own + values.map(\.combined)
    let others = (keys + values.map(\.name)).map { "c.\($0)" as SQL }
    return """
      WITH named AS MATERIALIZED (
          SELECT \((["c.quarter"] + named + others).joined(separator: ", "))
          FROM \(rows) AS c\(joins(to: refused)))
      SELECT \(names.joined(separator: ", ")) FROM named WHERE NOT \(isOther)
      UNION ALL
      SELECT \(combined.joined(separator: ", ")) FROM named WHERE \(isOther)
      GROUP BY \(.positions(1...own.count))
      """
  }

  /// The dimensions of a row `c`, bounded.
  private var named: [SQL] {
    rollup.dimensions.map { dimension in
      var isOther: SQL = "\(Self.refusal(of: dimension)).value IS NOT NULL"
      if let service = rollup.scope(of: dimension) {
        isOther = """
          \(isOther) OR \(Self.refusal(of: service)).value IS NOT NULL
              OR c.\(identifier: service.name) = \(literal: Dimension.other)
          """
      }
      return """
        CASE WHEN \(isOther) THEN \(literal: Dimension.other) COLLATE "C" ELSE c.\(identifier: dimension.name) END
            AS \(identifier: dimension.name)
        """
    }
  }

  private func joins(to refused: SQL) -> SQL {
    rollup.dimensions.map { dimension in
      let refusal = Self.refusal(of: dimension)
      let scope = rollup.scope(of: dimension).map { "c.\(identifier: $0.name)" as SQL } ?? "''"
      return """

        LEFT JOIN \(refused) AS \(refusal)
            ON \(refusal).dimension = \(literal: dimension.name) AND \(refusal).day = \(Self.day)
            AND \(refusal).scope = \(scope) AND \(refusal).value = c.\(identifier: dimension.name)
        """
    }.joined(separator: "")
  }

  private static func refusal(of dimension: Dimension) -> SQL {
    .identifier("\(dimension.name) refused")
  }
}
