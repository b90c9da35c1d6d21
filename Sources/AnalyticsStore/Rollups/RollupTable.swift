internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// One table of a rollup: its columns, how they come from events, and how two rows become one.
struct RollupTable {
  enum Content {
    /// The additive measures by quarter of an hour.
    case quarterly
    /// The same by UTC day, for long ranges.
    case daily
    /// Who was seen, for a distinct measure, by quarter of an hour: a packed set for each chunk of numbers.
    case quarterlySets(Measure)
    /// The same by UTC day, as bits.
    case dailySets(Measure)
  }

  enum ColumnType {
    case instant, text, number, sum, histogram, chunk, bytes, bits

    var sql: SQL {
      switch self {
      case .instant: "timestamptz"
      case .text: "text COLLATE \"C\""
      case .number: "bigint"
      case .sum: "numeric"
      case .histogram: "bigint[]"
      case .chunk: "integer"
      case .bytes: "bytea"
      case .bits: "bit(32000)"
      }
    }
  }

  struct Column {
    var name: String
    var type: ColumnType
    /// Whether it may be NULL: the largest of nothing, a sample of nothing.
    var isOptional = false
    /// Over one event `e`, and of sets over one `_number` or block of them; an aggregate unless the column belongs to the key.
    var expression: SQL
    /// Of the row that is there, `kept`, and the new one, `excluded`; `nil` in the key.
    var merged: SQL?
    /// An aggregate over several such rows; `nil` in the key.
    var combined: SQL?
    /// Whether it holds entries of ``FirstValue``.
    var isEntry = false
    /// What views show of it.
    var read: SQL { isEntry ? FirstValue.text(of: sql) : sql }

    /// The name, quoted.
    var sql: SQL { .identifier(name) }
  }

  var rollup: Rollup
  let content: Content

  /// All tables of a rollup.
  static func all(of rollup: Rollup) -> [RollupTable] {
    let sets = rollup.distinctMeasures.flatMap { [Content.quarterlySets($0), .dailySets($0)] }
    let figures: [Content] = rollup.additiveMeasures.isEmpty ? [] : [.quarterly, .daily]
    return (sets + figures).map { RollupTable(rollup: rollup, content: $0) }
  }

  /// What the reports read: the same for all versions.
  var relation: String {
    switch content {
    case .quarterly: rollup.relation
    case .daily: rollup.dailyRelation
    case .quarterlySets(let measure): rollup.quarterlyMemberRelation(measure)
    case .dailySets(let measure): rollup.dailyMemberRelation(measure)
    }
  }

  var name: String {
    switch content {
    case .quarterly, .daily: "\(relation)_v\(rollup.version)"
    case .quarterlySets(let measure):
      Rollup.identifier("\(rollup.relation)_\(measure.name)_quarterly_v\(rollup.version)")
    case .dailySets(let measure):
      Rollup.identifier("\(rollup.relation)_\(measure.name)_daily_v\(rollup.version)")
    }
  }
  /// The name, quoted.
  var sql: SQL { .identifier(name) }

  /// The distinct measure whose sets it holds.
  var measure: Measure? {
    switch content {
    case .quarterly, .daily: nil
    case .quarterlySets(let measure), .dailySets(let measure): measure
    }
  }

  var isQuarterly: Bool {
    switch content {
    case .quarterly, .quarterlySets: true
    case .daily, .dailySets: false
    }
  }

  /// How much time a row is about.
  var interval: SQL { isQuarterly ? "interval '15 minutes'" : "interval '1 day'" }
  var timeColumn: SQL { key[0].sql }
  /// The UTC day of a row by quarter of an hour.
  static let dayOfQuarter = day(of: "quarter")
  static func day(of instant: SQL) -> SQL {
    "date_bin('1 day', \(instant), '2000-01-01 00:00:00+00')"
  }

  var columns: [Column] { key + values }

  var key: [Column] {
    periods + (measure == nil ? [] : [chunk])
  }

  /// What the server makes of other columns of a row: the histograms of days as bytes.
  var generated: [Column] {
    guard case .daily = content else { return [] }
    return rollup.measures.filter(\.isHistogram).map { measure in
      Column(
        name: Rollup.histogramBytes(measure.name), type: .bytes,
        expression: "analytics_histogram_bytes(\(identifier: measure.name))")
    }
  }

  /// What views have beside a text: its entry. A text that is kept without its instant, as older definitions of a first
  /// value have it, is of the row's time.
  func entry(of column: Column) -> SQL {
    column.isEntry ? column.sql : FirstValue.entry(column.sql, at: timeColumn)
  }

  private var chunk: Column {
    Column(name: "_chunk", type: .chunk, expression: isQuarterly ? "_number / 32000" : "_chunk")
  }

  /// Of when and what a row is: the time and the dimensions.
  var periods: [Column] {
    let time = Column(
      name: isQuarterly ? "quarter" : "day", type: .instant,
      expression: "date_bin(\(interval), e.timestamp, '2000-01-01 00:00:00+00')")
    return [time]
      + rollup.dimensions.map {
        Column(name: $0.name, type: .text, expression: $0.expression)
      }
  }

  var values: [Column] {
    switch content {
    case .quarterly, .daily: rollup.additiveMeasures.map(\.column)
    case .quarterlySets:
      [
        Column(
          name: "_members", type: .bytes,
          expression: """
            analytics_packed(string_agg(int2send((_number % 32000)::smallint), '' ORDER BY _number))
            """,
          merged: "analytics_united(kept._members, excluded._members)",
          combined: "analytics_union(_members)")
      ]
    case .dailySets:
      [
        Column(
          name: "_members", type: .bits, expression: "bit_or(analytics_block(_bits, _block))",
          merged: "kept._members | excluded._members", combined: "bit_or(_members)")
      ]
    }
  }
}

extension RollupTable {
  var creation: SQL {
    let lines =
      columns.map { column -> SQL in
        "    \(column.sql) \(column.type.sql)\(column.isOptional ? "" : " NOT NULL" as SQL)"
      }
      + generated.map {
        "    \($0.sql) \($0.type.sql) NOT NULL GENERATED ALWAYS AS (\($0.expression)) STORED"
      }
    // Two rows of bits fit a page; with a part of it left free there would be one.
    let options: SQL = if case .dailySets = content { "" } else { " WITH (fillfactor = 80)" }
    return """
      CREATE TABLE IF NOT EXISTS \(sql) (
      \(lines.joined(separator: ",\n")),
          PRIMARY KEY (\(key.map(\.sql).joined(separator: ", ")))
      )\(options)\(storage)
      """
  }

  /// Sets stay in their rows.
  private var storage: SQL {
    measure == nil ? "" : ";\nALTER TABLE \(sql) ALTER COLUMN _members SET STORAGE MAIN"
  }

  /// For the seed's views by the hour, so that one asked for a few hours reads those only.
  var index: SQL? {
    guard isQuarterly, measure == nil, Self.hourlyViewed.contains(rollup.name) else { return nil }
    return """
      CREATE INDEX IF NOT EXISTS \(identifier: name + "_hour") ON \(sql)
          (date_bin('1 hour', quarter, '2000-01-01 00:00:00+00'))
      """
  }

  private static let hourlyViewed = [Rollup.apiRequests.name, Rollup.errors.name]
}
