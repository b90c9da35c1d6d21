internal import AnalyticsPostgres
internal import AnalyticsRollups

/// The SQL by which events become rows of a rollup.
///
/// First there are rows by quarter of an hour with the dimensions as events have them: `counted`
/// for figures, and `met` for each distinct measure. Figures become `fresh` once their dimensions
/// are bounded (see ``DimensionBounds``). Sets are built before that. The sets of values that count
/// as other are left out, and their members form new sets together. Days are summed up from the
/// same rows, so each event is evaluated only once.
struct RollupStatements {
  let rollup: Rollup
  /// The rule for which values of the dimensions count as other.
  var refusal = DimensionBounds.Refusal.newEvents
  /// Returns a query for the `member` and `number` of the members to count. `nil` counts all
  /// members, with the numbers that the views have; a member without a number gets NULL.
  var numbers: (Source) -> SQL? = \.numbered

  /// The common table expressions that merge events into all tables.
  var merging: [SQL] {
    let members = rollup.distinctMeasures.map(seenMembers)
    var parts = (hasFigures ? [counted] : []) + members
    if isBounded {
      parts += hasFigures ? [refused, fresh] : [periods, refused]
      if !members.isEmpty { parts.append(others) }
    }
    return parts
      + RollupTable.all(of: rollup).map { table in
        let part = table.isQuarterly ? "quarters" : "days"
        let written = table.measure.map { name(of: $0, part) } ?? name(part)
        return "\(written) AS (\n\(table.upsert(rows(of: table)))\n)"
      }
  }

  /// Returns a query for the rows that the statement's events make in a table.
  func reading(_ table: RollupTable) -> SQL { with(parts(for: table), rows(of: table)) }

  /// Returns a query for the rows that other events make in a table.
  ///
  /// - Parameter events: A query for the events.
  func reading(_ table: RollupTable, from events: SQL) -> SQL {
    with([self.events(events)] + parts(for: table), rows(of: table))
  }

  /// Returns a query for the distinct members of some events, with the time and the dimensions of a
  /// table of sets, and `_number`.
  func seen(in table: RollupTable, from events: SQL) -> SQL {
    guard let measure = table.measure else { preconditionFailure("\(table.name) has no members") }
    let what = (rollup.dimensions.map(\.sql) + ["_number"]).joined(separator: ", ")
    let time: SQL = table.isQuarterly ? "quarter" : "\(RollupTable.dayOfQuarter) AS day"
    var members = name(of: measure, "met")
    if isBounded {
      members = """
        (SELECT quarter, \(what) FROM (\(bounds.rowsWithoutOther(members, others: name("others")))) AS own
         UNION ALL
         \(otherMembers(of: measure))) AS seen
        """
    }
    return with(
      [self.events(events)] + parts(for: table), "SELECT DISTINCT \(time), \(what) FROM \(members)")
  }

  private func with(_ parts: [SQL], _ query: SQL) -> SQL {
    "WITH \(parts.joined(separator: ",\n"))\n\(query)"
  }

  private func parts(for table: RollupTable) -> [SQL] {
    guard let measure = table.measure else {
      return isBounded ? [counted, refused, fresh] : [counted]
    }
    guard isBounded else { return [seenMembers(measure)] }
    return (hasFigures ? [measure] : rollup.distinctMeasures).map(seenMembers) + [
      periods, refused, others,
    ]
  }

  /// Returns a query over `events` for `kind` and `member` of the texts that a measure counts;
  /// `nil` if it counts users.
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

  private var hasFigures: Bool { !rollup.additiveMeasures.isEmpty }
  private var isBounded: Bool { !rollup.dimensions.isEmpty }

  private var counted: SQL {
    let rows = quarterly.selection(from: name("events"), adding: isBounded ? firstBatch : [])
    return "\(name("counted")) AS MATERIALIZED (\n\(rows)\n)"
  }

  /// The quarters and dimensions of the events. It replaces ``counted`` where figures are not
  /// needed.
  private var periods: SQL {
    let rows: [SQL]
    if hasFigures {
      var plain = quarterly
      plain.rollup.measures = []
      rows = [plain.selection(from: name("events"), adding: firstBatch)]
    } else {
      let names = quarterly.periods.map(\.sql)
      let columns = names + firstBatch.map { "min(\($0.name)) AS \($0.name)" }
      rows = rollup.distinctMeasures.map {
        """
        SELECT \(columns.joined(separator: ", ")) FROM \(name(of: $0, "met"))
        GROUP BY \(.positions(1...names.count))
        """
      }
    }
    return "\(name("counted")) AS MATERIALIZED (\n\(rows.joined(separator: "\nUNION ALL\n"))\n)"
  }

  private var firstBatch: [(name: SQL, value: SQL)] {
    if case .newEvents = refusal { [("_batch", "min(e.batch)")] } else { [] }
  }

  private var refused: SQL {
    "\(name("refused")) AS MATERIALIZED (\n\(bounds.refused(from: name("counted")))\n)"
  }

  private var fresh: SQL {
    let values = quarterly.values.map { (name: $0.sql, combined: $0.combined ?? $0.sql) }
    let rows = bounds.bounded(name("counted"), values: values, refused: name("refused"))
    return "\(name("fresh")) AS MATERIALIZED (\n\(rows)\n)"
  }

  private var others: SQL {
    let rows = bounds.others(in: name("counted"), refused: name("refused"))
    return "\(name("others")) AS MATERIALIZED (\n\(rows)\n)"
  }

  private func seenMembers(_ measure: Measure) -> SQL {
    let members = RollupTable(rollup: rollup, content: .quarterlySets(measure))
      .seen(
        from: name("events"), numbers: measure.source.flatMap(numbers),
        adding: isBounded && !hasFigures ? firstBatch : [])
    return "\(name(of: measure, "met")) AS MATERIALIZED (\n\(members)\n)"
  }

  private func otherMembers(of measure: Measure) -> SQL {
    bounds.otherMembers(of: name(of: measure, "met"), others: name("others"))
  }

  /// Returns a query for a table's rows, from ``counted``, ``fresh`` or ``seenMembers(_:)``.
  private func rows(of table: RollupTable) -> SQL {
    guard let measure = table.measure else {
      let quarters = name(isBounded ? "fresh" : "counted")
      return table.isQuarterly ? "SELECT * FROM \(quarters)" : table.summary(of: quarters)
    }
    let sets = table.isQuarterly ? table.sets : table.summary
    let all = sets(name(of: measure, "met"))
    guard isBounded else { return all }
    return """
      \(bounds.rowsWithoutOther("(\(all))", byDay: !table.isQuarterly, others: name("others")))
      UNION ALL
      \(sets("(\(otherMembers(of: measure))) AS other"))
      """
  }
}

extension Source {
  /// A query for the `member` and `number` of all members in the events of a statement.
  fileprivate var numbered: SQL? {
    self == .userID
      ? "SELECT member, number FROM users"
      : "SELECT member, number FROM members WHERE kind = \(literal: kind)"
  }
}
