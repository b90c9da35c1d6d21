internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// What the events of a rollup make of it, in SQL.
///
/// First rows by quarter of an hour with the dimensions as events have them: of figures `counted`, of each
/// distinct measure `met`. Bounded they are `fresh` and `seen` (see ``DimensionBounds``). Days are summed up from
/// these, so that what is costly is done once an event.
struct RollupStatements {
  let rollup: Rollup
  /// Which values of its dimensions count as other.
  var refusal = DimensionBounds.Refusal.ofWhatComes
  /// A query with `member` and `number` of those who count; `nil` if all do, with the numbers that views have, and
  /// NULL for who has none.
  var numbers: (Source) -> SQL? = \.numbered

  /// Common table expressions that merge events into all tables.
  var merging: [SQL] {
    let measures = rollup.distinctMeasures
    let hasFigures = !rollup.additiveMeasures.isEmpty
    var parts: [SQL]
    if rollup.dimensions.isEmpty {
      parts = (hasFigures ? [counted] : []) + measures.map(seen)
    } else {
      parts = [hasFigures ? counted : periods, refused] + (hasFigures ? [fresh] : [])
      parts += measures.map(met) + measures.map(seen)
    }
    return parts
      + RollupTable.all(of: rollup).map { table in
        let part = table.isQuarterly ? "quarters" : "days"
        let written = table.measure.map { name(of: $0, part) } ?? name(part)
        return "\(written) AS (\n\(table.upsert(rows(of: table)))\n)"
      }
  }

  /// A query: the rows that the events of the statement make in a table.
  func reading(_ table: RollupTable) -> SQL { with(parts(for: table), rows(of: table)) }

  /// The same of others.
  ///
  /// - Parameter events: A query for events.
  func reading(_ table: RollupTable, from events: SQL) -> SQL {
    with([self.events(events)] + parts(for: table), rows(of: table))
  }

  /// A query: who was seen by some events, as rows with the time and the dimensions of a table of sets, and
  /// `_number`, each once.
  func seen(in table: RollupTable, from events: SQL) -> SQL {
    guard let measure = table.measure else { preconditionFailure("\(table.name) has no members") }
    let names =
      [table.isQuarterly ? "quarter" : "\(RollupTable.dayOfQuarter) AS day"]
      + rollup.dimensions.map(\.sql) + ["_number"]
    return with(
      [self.events(events)] + parts(for: table),
      "SELECT DISTINCT \(names.joined(separator: ", ")) FROM \(name(of: measure, "seen"))")
  }

  private func with(_ parts: [SQL], _ query: SQL) -> SQL {
    "WITH \(parts.joined(separator: ",\n"))\n\(query)"
  }

  private func parts(for table: RollupTable) -> [SQL] {
    if rollup.dimensions.isEmpty { return [table.measure.map(seen) ?? counted] }
    guard let measure = table.measure else { return [counted, refused, fresh] }
    return [periods, refused, met(measure), seen(measure)]
  }

  /// A query over `events`: `kind` and `member` of the texts that a measure tells apart; `nil` of users.
  func texts(of measure: Measure) -> SQL? {
    guard let source = measure.source, source != .userID else { return nil }
    return """
      SELECT \(literal: source.kind) COLLATE "C" AS kind, \(source.member) AS member
      FROM \(rollup.events(from: "events", membersOf: measure))
      """
  }

  // MARK: - Parts

  private func name(_ part: String) -> SQL { .identifier("\(rollup.name) \(part)") }
  private func name(of measure: Measure, _ part: String) -> SQL { name("\(measure.name) \(part)") }

  private var quarterly: RollupTable { RollupTable(rollup: rollup, content: .quarterly) }
  private var bounds: DimensionBounds { DimensionBounds(rollup: rollup, refusal: refusal) }

  private func events(_ query: SQL) -> SQL {
    "\(name("events")) AS NOT MATERIALIZED (\n\(query)\n)"
  }

  private var counted: SQL {
    let firstBatch = rollup.dimensions.isEmpty ? [] : firstBatch
    let rows = quarterly.selection(from: name("events"), adding: firstBatch)
    return "\(name("counted")) AS MATERIALIZED (\n\(rows)\n)"
  }

  /// Where figures are not asked for: when and of what there are any.
  private var periods: SQL {
    var plain = rollup
    plain.measures = []
    let events =
      rollup.additiveMeasures.isEmpty
      ? rollup.distinctMeasures.map { rollup.events(from: name("events"), membersOf: $0) }
      : [plain.events(from: name("events"))]
    let columns = quarterly.periods.map { "\($0.expression) AS \($0.sql)" as SQL }
    let rows = events.map {
      """
      SELECT \((columns + firstBatch).joined(separator: ", "))
      FROM \($0) GROUP BY \(.positions(1...columns.count))
      """ as SQL
    }
    return "\(name("counted")) AS MATERIALIZED (\n\(rows.joined(separator: "\nUNION ALL\n"))\n)"
  }

  private var firstBatch: [SQL] {
    if case .ofWhatComes = refusal { ["min(e.batch) AS _batch"] } else { [] }
  }

  private var refused: SQL {
    "\(name("refused")) AS MATERIALIZED (\n\(bounds.refused(from: name("counted")))\n)"
  }

  private var fresh: SQL {
    let values = quarterly.values.map { (name: $0.sql, combined: $0.combined ?? $0.sql) }
    let rows = bounds.bounded(name("counted"), values: values, refused: name("refused"))
    return "\(name("fresh")) AS MATERIALIZED (\n\(rows)\n)"
  }

  private func met(_ measure: Measure) -> SQL {
    "\(name(of: measure, "met")) AS MATERIALIZED (\n\(members(of: measure))\n)"
  }

  private func seen(_ measure: Measure) -> SQL {
    let rows =
      rollup.dimensions.isEmpty
      ? members(of: measure)
      : bounds.bounded(
        name(of: measure, "met"), keys: ["_number"], refused: name("refused"))
    return "\(name(of: measure, "seen")) AS MATERIALIZED (\n\(rows)\n)"
  }

  private func members(of measure: Measure) -> SQL {
    RollupTable(rollup: rollup, content: .quarterlySets(measure))
      .seen(from: name("events"), numbers: measure.source.flatMap(numbers))
  }

  /// Of what is ``fresh`` or ``seen(_:)``.
  private func rows(of table: RollupTable) -> SQL {
    let quarters =
      table.measure.map { name(of: $0, "seen") }
      ?? name(rollup.dimensions.isEmpty ? "counted" : "fresh")
    guard table.isQuarterly else { return table.summary(of: quarters) }
    return table.measure == nil ? "SELECT * FROM \(quarters)" : table.sets(of: quarters)
  }
}

extension Source {
  /// A query: `member` and `number` of those who are seen in the events of a statement.
  fileprivate var numbered: SQL? {
    self == .userID
      ? "SELECT member, number FROM users"
      : "SELECT member, number FROM members WHERE kind = \(literal: kind)"
  }
}
