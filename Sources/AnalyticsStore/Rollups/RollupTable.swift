internal import AnalyticsCatalogue

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

  struct Column {
    var name: String
    var type: String
    /// Whether it may be NULL: the largest of nothing, a sample of nothing.
    var isOptional = false
    /// Over one event `e`; an aggregate unless the column belongs to the key.
    var expression: String
    /// Of the row that is there, `kept`, and the new one, `excluded`; `nil` in the key.
    var merged: String?
    /// An aggregate over several such rows; `nil` in the key.
    var combined: String?
  }

  let rollup: Rollup
  let content: Content

  /// All tables of a rollup, in the order in which they are written.
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

  var timeColumn: String { if case .quarterly = content { "quarter" } else { "day" } }

  var columns: [Column] { key + values }

  var key: [Column] {
    let interval = if case .quarterly = content { "15 minutes" } else { "1 day" }
    let time = Column(
      name: timeColumn, type: "timestamptz",
      expression: "date_bin('\(interval)', e.timestamp, '2000-01-01 00:00:00+00')")
    return [time] + rollup.dimensions.map(\.column) + member
  }

  private var member: [Column] {
    guard case .members(let measure) = content, case .distinct(let source) = measure.kind
    else { return [] }
    return [
      Column(
        name: "member", type: source == .userID ? "uuid" : "text COLLATE \"C\"",
        expression: source.member)
    ]
  }

  var values: [Column] {
    guard case .members = content else { return rollup.additiveMeasures.map(\.column) }
    return [
      Column(
        name: "quarters", type: "bit(96)",
        expression: "bit_or(analytics_quarter_bit(e.timestamp))",
        merged: "kept.quarters | excluded.quarters")
    ]
  }
}

extension RollupTable {
  var creation: String {
    let lines = columns.map { column in
      "    \(column.name) \(column.type)" + (column.isOptional ? "" : " NOT NULL")
    }
    return """
      CREATE TABLE IF NOT EXISTS \(name) (
      \(lines.joined(separator: ",\n")),
          PRIMARY KEY (\(key.map(\.name).joined(separator: ", ")))
      ) WITH (fillfactor = 80)
      """
  }

  /// For the seed's views by the hour, so that one asked for a few hours reads those only.
  var index: String? {
    guard case .quarterly = content, Self.hourlyViewed.contains(rollup.name) else { return nil }
    return "CREATE INDEX IF NOT EXISTS \(name)_hour ON \(name) "
      + "(date_bin('1 hour', quarter, '2000-01-01 00:00:00+00'))"
  }

  private static let hourlyViewed = [Rollup.apiRequests.name, Rollup.errors.name]
}
