internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// Statements that remove a person from one version of a rollup.
///
/// Counts stay: an event counts as before, but no longer for a user. Where raw events still exist,
/// the figures afterwards equal what those events say. Where they are gone, the id and every text
/// that the person may have written are removed, and the figures stay as they are.
struct RollupErasure {
  let rollup: Rollup
  /// Whether this is the newest version, the one that new events are counted in.
  let isNewest: Bool
  /// The time before which rows cannot be computed from raw events any more.
  let finalBefore: PostgresTimestamp
  let user: UUID
  /// A regular expression that matches the person's texts.
  let pattern: String

  /// One SQL statement of an erasure.
  struct Step {
    /// The table for which the report counts the affected rows; `nil` if it does not count them.
    var table: String?
    var sql: SQL
  }

  /// The rule for the values that count as other on the days of the changed events.
  static let refusal = DimensionBounds.Refusal.storedEvents(
    on: "day IN (SELECT analytics_day(timestamp) FROM analytics_erasing_before)")

  private var statements: RollupStatements {
    RollupStatements(rollup: rollup, refusal: Self.refusal, numbers: { _ in nil })
  }

  private var tables: [RollupTable] { RollupTable.all(of: rollup) }
  private var figures: [RollupTable] { tables.filter { $0.measure == nil } }

  /// The step that schedules days to be recomputed, while raw events and figures are unchanged:
  /// the days that have ``Dimension/other`` and on which a dimension's value changes. On such a day
  /// what is left of a text may have figures of its own while the event counts as other, or the
  /// other way round, and the share of a single event cannot be subtracted from the figures of
  /// other. So these days are computed from the erased events.
  var scheduleRecompute: Step? {
    guard isNewest, !rollup.dimensions.isEmpty else { return nil }
    let isChanged = rollup.dimensions.map {
      "\($0.source.text(of: "e")) IS DISTINCT FROM \($0.source.text(of: "a"))" as SQL
    }
    let isCounted = rollup.eventTypes.isEmpty ? "true" : Condition.type(rollup.eventTypes).sql
    return Step(
      table: nil,
      sql: """
        INSERT INTO analytics_rollup_pending (name, version, lower, upper)
        SELECT \(rollup.name), \(Int32(rollup.version)), day, day + interval '1 day'
        FROM (SELECT DISTINCT analytics_day(e.timestamp) AS day
              FROM analytics_erasing_before AS e
              JOIN analytics_erasing_after AS a ON (a.timestamp, a.id) = (e.timestamp, e.id)
              WHERE \(isCounted) AND (\(isChanged.joined(separator: " OR ")))) AS changed
        WHERE day >= \(finalBefore)
          AND day IN (SELECT day FROM \(rollup.rowsByDay) WHERE \(rollup.hasOther))
          AND NOT EXISTS (SELECT FROM analytics_rollup_pending AS p
                          WHERE p.name = \(rollup.name) AND p.version = \(Int32(rollup.version))
                            AND p.lower < day + interval '1 day' AND p.upper > day)
        """)
  }

  /// The steps that remove samples which may be the person's, while the sets still tell when the
  /// person was active.
  var dropSamples: [Step] { figures.compactMap(dropSamples) }

  /// The steps that run while raw events are unchanged.
  var forget: [Step] {
    var steps = sets.flatMap(\.forget)
    if isNewest {
      steps += figures.compactMap { adjust($0, by: "-", to: "analytics_erasing_before") }
    }
    return steps + tables.compactMap(moveRows) + figures.compactMap(eraseSamples)
  }

  /// The steps that run after the raw events were erased. They make the figures agree with them.
  var updateFigures: [Step] {
    figures.compactMap { adjust($0, by: "+", to: "analytics_erasing_after") }
      + [recomputeQuarters, recomputeDays].compactMap(\.self)
      + sets.flatMap(\.recompute)
  }

  var sets: [SetErasure] { tables.compactMap { SetErasure($0, pattern: pattern) } }

  // MARK: - Dimensions

  /// Removes the person's texts from the dimensions. A row that held one is merged with the row for
  /// what is left of the text.
  private func moveRows(_ table: RollupTable) -> Step? {
    let texts = table.key.filter { $0.type == .text }
    guard !texts.isEmpty else { return nil }
    let key = table.key.map { column -> SQL in
      column.type == .text
        ? "coalesce(analytics_erased_text(\(column.sql), \(pattern)), '') AS \(column.sql)"
        : column.sql
    }
    return Step(
      table: table.name,
      sql: """
        WITH gone AS (
            DELETE FROM \(table.sql)
            WHERE \(texts.map { holdsPattern($0.sql) }.joined(separator: " OR "))
            RETURNING *
        ), emptied AS (
            SELECT \((key + table.values.map(\.sql)).joined(separator: ", ")) FROM gone
        ), merged AS (
        \(table.upsert(
          """
          SELECT \(table.columns.map { $0.combined ?? $0.sql }.joined(separator: ", ")) FROM emptied
          GROUP BY \(table.key.map(\.sql).joined(separator: ", "))
          """))
        )
        SELECT count(*) FROM gone
        """)
  }

  private func holdsPattern(_ column: SQL) -> SQL { "\(column) COLLATE \"C\" ~* \(pattern)" }

  // MARK: - Figures

  /// Subtracts (`-`) or adds (`+`) the person's own events in counts and sums that count only
  /// events with a user.
  private func adjust(_ table: RollupTable, by sign: SQL, to source: SQL) -> Step? {
    let measures = rollup.additiveMeasures.filter(\.isAdjustedForUsers).map(\.column.sql)
    guard !measures.isEmpty else { return nil }
    let changes = measures.map { "\($0) = kept.\($0) \(sign) own.\($0)" as SQL }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) AS kept SET \(changes.joined(separator: ", "))
        FROM (\(statements.reading(table, from: "SELECT * FROM \(source) AS e WHERE e.is_own"))) AS own
        WHERE \(table.isSameKey("kept", "own"))
          AND (\(measures.map { "own.\($0) <> 0" as SQL }.joined(separator: " OR ")))
        """)
  }

  private var recomputed: [SQL] {
    rollup.additiveMeasures.filter(\.isRecomputedForUsers).map(\.column.sql)
  }

  private var recomputeQuarters: Step? {
    guard !recomputed.isEmpty, let table = figures.first else { return nil }
    let source: SQL = """
      (SELECT e.* FROM (SELECT DISTINCT \(table.key[0].expression) AS quarter
                        FROM analytics_erasing_before AS e\(typeCondition)) AS q
       JOIN analytics_events AS e
           ON e.timestamp >= q.quarter AND e.timestamp < q.quarter + interval '15 minutes')
      """
    return replace(table, with: statements.reading(table, from: "SELECT * FROM \(source) AS e"))
  }

  private var recomputeDays: Step? {
    guard !recomputed.isEmpty, let table = figures.last, let quarters = figures.first else {
      return nil
    }
    let columns: [SQL] =
      ["d.day"] + table.columns.dropFirst().map { $0.combined ?? "q.\($0.sql)" }
    return replace(
      table,
      with: """
        SELECT \(columns.joined(separator: ", "))
        FROM (SELECT DISTINCT \(table.key[0].expression) AS day
              FROM analytics_erasing_before AS e\(typeCondition)) AS d
        JOIN \(quarters.sql) AS q
            ON q.quarter >= d.day AND q.quarter < d.day + interval '1 day'
        GROUP BY \(.positions(1...table.key.count))
        """)
  }

  private var typeCondition: SQL {
    rollup.eventTypes.isEmpty ? "" : " WHERE e.event_type = ANY (\(rollup.eventTypes))"
  }

  private func replace(_ table: RollupTable, with rows: SQL) -> Step {
    let changes = recomputed.map { "\($0) = fresh.\($0)" as SQL }
    let differs = recomputed.map { "kept.\($0) IS DISTINCT FROM fresh.\($0)" as SQL }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) AS kept SET \(changes.joined(separator: ", "))
        FROM (\(rows)) AS fresh (\(table.columns.map(\.sql).joined(separator: ", ")))
        WHERE \(table.isSameKey("kept", "fresh"))
          AND (\(differs.joined(separator: " OR ")))
        """)
  }

  // MARK: - Samples

  private var samples: [RollupTable.Column] {
    rollup.measures.filter(\.isTextOfOneEvent).map(\.column)
  }

  /// Deletes samples from before ``finalBefore`` in periods in which the person was active. They
  /// may be the person's, and without raw events that cannot be determined.
  private func dropSamples(_ table: RollupTable) -> Step? {
    guard !samples.isEmpty else { return nil }
    // Uses the rollup's own distinct users, by its dimensions, if it counts them; otherwise the
    // users of all events.
    let own = rollup.measures.first { $0.kind == .distinct(.userID) && $0.condition == nil }
    let measure = own ?? Measure.users
    let members = RollupTable(
      rollup: own == nil ? .activity : rollup,
      content: table.isQuarterly ? .quarterlySets(measure) : .dailySets(measure))
    let key = own == nil ? [table.key[0]] : table.key
    let isThere = samples.map { "kept.\($0.sql) IS NOT NULL" as SQL }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) AS kept
        SET \(samples.map { "\($0.sql) = NULL" as SQL }.joined(separator: ", "))
        WHERE kept.\(table.timeColumn) < \(finalBefore)
          AND (\(isThere.joined(separator: " OR ")))
          AND EXISTS (SELECT FROM \(members.sql) AS m, analytics_users_kept AS u
                      WHERE u.user_id = \(user) AND m._chunk = u.number / 32000
                        AND analytics_has(m._members, u.number % 32000)
                        AND \(key.map { "m.\($0.sql) = kept.\($0.sql)" as SQL }.joined(separator: " AND ")))
        """)
  }

  private func eraseSamples(_ table: RollupTable) -> Step? {
    guard !samples.isEmpty else { return nil }
    let changes = samples.map { column -> SQL in
      let erased: SQL = "analytics_erased_text(\(column.read), \(pattern))"
      return column.isEntry
        ? "\(column.sql) = \(FirstValue.instant(of: column.sql)) || \(erased)"
        : "\(column.sql) = \(erased)"
    }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) SET \(changes.joined(separator: ", "))
        WHERE \(samples.map { holdsPattern($0.read) }.joined(separator: " OR "))
        """)
  }
}

extension RollupTable {
  /// A condition: whether two relations have the same key.
  fileprivate func isSameKey(_ left: SQL, _ right: SQL) -> SQL {
    key.map { "\(left).\($0.sql) = \(right).\($0.sql)" as SQL }.joined(separator: " AND ")
  }
}

extension Measure {
  /// Whether the value is the text of a single event.
  fileprivate var isTextOfOneEvent: Bool {
    switch kind {
    case .sample, .first: true
    case .count, .sum, .max, .histogram, .distinct: false
    }
  }

  /// Whether the share of one event can be subtracted from the value.
  fileprivate var isAdjustedForUsers: Bool {
    switch kind {
    case .count, .sum: condition?.asksForUser == true
    default: false
    }
  }

  /// Whether the value has to be recomputed when an event loses its user or a text.
  fileprivate var isRecomputedForUsers: Bool {
    switch kind {
    case .sample, .first: true
    case .max, .histogram: condition?.asksForUser == true
    default: false
    }
  }
}

extension Condition {
  fileprivate var asksForUser: Bool {
    switch self {
    case .hasUser: true
    case .all(let parts), .any(let parts): parts.contains(where: \.asksForUser)
    case .type, .isTrue, .isFalse, .between, .hasNumber: false
    }
  }
}
