internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// What the events of a rollup make of it, in SQL.
///
/// First rows by quarter of an hour with the dimensions as events have them: of figures `counted`, of each
/// distinct measure `met`. Bounded they are `fresh` and `seen` (see ``DimensionBounds``). Days are summed up from
/// these, so that what is costly is done once an event.
struct RollupStatements {
  let rollup: Rollup

  /// Common table expressions that merge events into all tables.
  var merging: [SQL] {
    let measures = rollup.distinctMeasures
    var parts = rollup.additiveMeasures.isEmpty ? [] : [counted]
    if rollup.dimensions.isEmpty {
      parts += measures.map { seen($0) }
    } else {
      parts += measures.map(met)
      parts += rollup.additiveMeasures.isEmpty ? [periods(of: measures.map(rowsMet))] : []
      parts += [refused] + (rollup.additiveMeasures.isEmpty ? [] : [fresh]) + measures.map(seen)
    }
    return parts
      + RollupTable.all(of: rollup).map { table in
        let part = table.isQuarterly ? "quarters" : "days"
        let written = table.measure.map { name(of: $0, part) } ?? name(part)
        return "\(written) AS (\n\(table.upsert(rows(of: table)))\n)"
      }
  }

  /// A query: the rows that events make in a table.
  func reading(_ table: RollupTable) -> SQL {
    var parts: [SQL] = []
    if rollup.dimensions.isEmpty {
      parts = [table.measure.map(seen) ?? counted]
    } else if let measure = table.measure {
      parts = [periods(of: eventsByPeriod), refused, met(measure), seen(measure)]
    } else {
      parts = [counted, refused, fresh]
    }
    return "WITH \(parts.joined(separator: ",\n"))\n\(rows(of: table))"
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
  private var bounds: DimensionBounds { DimensionBounds(rollup: rollup) }

  private var counted: SQL {
    "\(name("counted")) AS MATERIALIZED (\n\(quarterly.selection(from: name("events")))\n)"
  }

  /// Where there are no figures: the quarters and dimensions of the rows that there are.
  private func periods(of rows: [SQL]) -> SQL {
    "\(name("counted")) AS MATERIALIZED (\n\(rows.joined(separator: "\nUNION\n"))\n)"
  }

  private func rowsMet(_ measure: Measure) -> SQL {
    let names = quarterly.periods.map(\.sql).joined(separator: ", ")
    return "SELECT \(names) FROM \(name(of: measure, "met"))"
  }

  /// The same from events.
  private var eventsByPeriod: [SQL] {
    let events: [SQL]
    if rollup.additiveMeasures.isEmpty {
      events = rollup.distinctMeasures.map {
        rollup.events(from: name("events"), membersOf: $0)
      }
    } else {
      var plain = rollup
      plain.measures = []
      events = [plain.events(from: name("events"))]
    }
    let columns = quarterly.periods.map { "\($0.expression) AS \($0.sql)" as SQL }
    return events.map {
      """
      SELECT \(columns.joined(separator: ", ")) FROM \($0) GROUP BY \(.positions(1...columns.count))
      """
    }
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
      .seen(from: name("events"), numbers: measure.source?.numbered)
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
  fileprivate var numbered: SQL {
    self == .userID
      ? "SELECT member, number FROM users"
      : "SELECT member, number FROM members WHERE kind = \(literal: kind)"
  }
}
