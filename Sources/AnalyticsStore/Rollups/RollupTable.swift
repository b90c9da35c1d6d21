internal import AnalyticsPostgres
internal import AnalyticsRollups

/// A table of a rollup: its columns, how they are computed from events, and how two rows are
/// merged.
struct RollupTable {
  enum Content {
    /// The additive measures by quarter of an hour.
    case quarterly
    /// The additive measures by UTC day, for long ranges.
    case daily
    /// The members of a distinct measure by quarter of an hour: a packed set for each chunk of
    /// 32,000 numbers.
    case quarterlySets(Measure)
    /// The members of a distinct measure by UTC day, as bits.
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
    /// Whether the value may be NULL, such as the maximum or the sample of no events.
    var isOptional = false
    /// The value over an event `e`; in a table of sets, over a `_number` or a block of numbers. It
    /// is an aggregate unless the column belongs to the key.
    var expression: SQL
    /// The merged value of the existing row `kept` and the new row `excluded`; `nil` in the key.
    var merged: SQL?
    /// An aggregate that combines several rows; `nil` in the key.
    var combined: SQL?
    /// Whether the column holds ``FirstValue`` entries.
    var isEntry = false
    /// The value that views show.
    var read: SQL { isEntry ? FirstValue.text(of: sql) : sql }

    /// The name, quoted.
    var sql: SQL { .identifier(name) }
  }

  var rollup: Rollup
  let content: Content

  /// Returns all tables of a rollup.
  static func all(of rollup: Rollup) -> [RollupTable] {
    let sets = rollup.distinctMeasures.flatMap { [Content.quarterlySets($0), .dailySets($0)] }
    let figures: [Content] = rollup.additiveMeasures.isEmpty ? [] : [.quarterly, .daily]
    return (sets + figures).map { RollupTable(rollup: rollup, content: $0) }
  }

  /// The view that reports read. Its name is the same for all versions.
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

  /// The distinct measure whose sets the table holds; `nil` for figures.
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

  /// The length of time that a row covers.
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

  /// Columns that the server generates from others: the histograms of days as bytes.
  var generated: [Column] {
    guard case .daily = content else { return [] }
    return rollup.measures.filter(\.isHistogram).map { measure in
      Column(
        name: Rollup.histogramBytes(measure.name), type: .bytes,
        expression: "analytics_histogram_bytes(\(identifier: measure.name))")
    }
  }

  /// Returns the ``FirstValue`` entry that views have beside a text. A text that is stored without
  /// its instant, as by older definitions of a first value, gets the time of its row.
  func entry(of column: Column) -> SQL {
    column.isEntry ? column.sql : FirstValue.entry(column.sql, at: timeColumn)
  }

  private var chunk: Column {
    Column(name: "_chunk", type: .chunk, expression: isQuarterly ? "_number / 32000" : "_chunk")
  }

  /// The columns for the time and the dimensions.
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
    // A page holds two rows of bits, but only one if part of it were left free by a fillfactor.
    let options: SQL = if case .dailySets = content { "" } else { " WITH (fillfactor = 80)" }
    return """
      CREATE TABLE IF NOT EXISTS \(sql) (
      \(lines.joined(separator: ",\n")),
          PRIMARY KEY (\(key.map(\.sql).joined(separator: ", ")))
      )\(options)\(storage)
      """
  }

  /// Keeps sets in their rows instead of moving them to the TOAST table.
  private var storage: SQL {
    measure == nil ? "" : ";\nALTER TABLE \(sql) ALTER COLUMN _members SET STORAGE MAIN"
  }

  /// An index for the hourly views of adi-analytics, so that a query for a few hours reads only
  /// those.
  var index: SQL? {
    guard isQuarterly, measure == nil, RollupViews.readByHour.contains(rollup.name) else {
      return nil
    }
    return """
      CREATE INDEX IF NOT EXISTS \(identifier: name + "_hour") ON \(sql)
          (date_bin('1 hour', quarter, '2000-01-01 00:00:00+00'))
      """
  }
}
