internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// One table of a rollup: its columns, how they come from events, and how two rows become one.
struct RollupTable {
  enum Content {
    /// The additive measures by quarter of an hour.
    case quarterly
    /// The same by UTC day, for long ranges.
    case daily
    /// The members of a distinct measure by UTC day.
    case members(Measure)
  }

  enum ColumnType {
    case instant, text, id, number, histogram, quarters

    var sql: SQL {
      switch self {
      case .instant: "timestamptz"
      case .text: "text COLLATE \"C\""
      case .id: "uuid"
      case .number: "bigint"
      case .histogram: "bigint[]"
      case .quarters: "bit(96)"
      }
    }
  }

  struct Column {
    var name: String
    var type: ColumnType
    /// Whether it may be NULL: the largest of nothing, a sample of nothing.
    var isOptional = false
    /// Over one event `e`; an aggregate unless the column belongs to the key.
    var expression: SQL
    /// Of the row that is there, `kept`, and the new one, `excluded`; `nil` in the key.
    var merged: SQL?
    /// An aggregate over several such rows; `nil` in the key.
    var combined: SQL?

    /// The name, quoted.
    var sql: SQL { .identifier(name) }
  }

  let rollup: Rollup
  let content: Content

  /// All tables of a rollup.
  static func all(of rollup: Rollup) -> [RollupTable] {
    rollup.distinctMeasures.map { RollupTable(rollup: rollup, content: .members($0)) }
      + (rollup.additiveMeasures.isEmpty
        ? []
        : [
          RollupTable(rollup: rollup, content: .quarterly),
          RollupTable(rollup: rollup, content: .daily),
        ])
  }

  /// What the reports read: the same for all versions.
  var relation: String {
    switch content {
    case .quarterly: rollup.relation
    case .daily: rollup.dailyRelation
    case .members(let measure): rollup.memberRelation(measure)
    }
  }

  var name: String { "\(relation)_v\(rollup.version)" }
  /// The name, quoted.
  var sql: SQL { .identifier(name) }

  var isOfMembers: Bool { if case .members = content { true } else { false } }
  var isQuarterly: Bool { if case .quarterly = content { true } else { false } }
  var timeColumn: SQL { key[0].sql }

  var columns: [Column] { key + values }

  var key: [Column] {
    let interval = isQuarterly ? "15 minutes" : "1 day"
    let time = Column(
      name: isQuarterly ? "quarter" : "day", type: .instant,
      expression: "date_bin(\(literal: interval), e.timestamp, '2000-01-01 00:00:00+00')")
    return [time] + rollup.dimensions.map(\.column) + member
  }

  private var member: [Column] {
    guard case .members(let measure) = content, case .distinct(let source) = measure.kind
    else { return [] }
    return [
      Column(
        name: "member", type: source == .userID ? .id : .text, expression: source.member)
    ]
  }

  var values: [Column] {
    guard case .members = content else { return rollup.additiveMeasures.map(\.column) }
    return [
      Column(
        name: "quarters", type: .quarters,
        expression: "bit_or(analytics_quarter_bit(e.timestamp))",
        merged: "kept.quarters | excluded.quarters")
    ]
  }
}

extension RollupTable {
  var creation: SQL {
    let lines = columns.map { column -> SQL in
      "    \(column.sql) \(column.type.sql)\(column.isOptional ? "" : " NOT NULL" as SQL)"
    }
    return """
      CREATE TABLE IF NOT EXISTS \(sql) (
      \(lines.joined(separator: ",\n")),
          PRIMARY KEY (\(key.map(\.sql).joined(separator: ", ")))
      ) WITH (fillfactor = 80)
      """
  }

  /// For the seed's views by the hour, so that one asked for a few hours reads those only.
  var index: SQL? {
    guard isQuarterly, Self.hourlyViewed.contains(rollup.name) else { return nil }
    return """
      CREATE INDEX IF NOT EXISTS \(identifier: name + "_hour") ON \(sql)
          (date_bin('1 hour', quarter, '2000-01-01 00:00:00+00'))
      """
  }

  private static let hourlyViewed = [Rollup.apiRequests.name, Rollup.errors.name]
}
