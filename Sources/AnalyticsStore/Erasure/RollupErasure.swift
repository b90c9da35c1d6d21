internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText

/// How one version of a rollup forgets a person.
///
/// Figures stay: an event counts as before, only as nobody's. What raw events say is what is kept
/// afterwards, as far as they are there; where they are gone, the id and all that could be the
/// person's own words are removed, and figures are left as they are.
struct RollupErasure {
  let rollup: Rollup
  /// Whether this version is the one that is kept.
  let isNewest: Bool
  /// Older rows can be computed from raw events no more.
  let finalBefore: PostgresTimestamp

  /// One statement.
  struct Step {
    enum Parameter {
      case user, pattern
      case instant(PostgresTimestamp)
    }
    var table: String
    var sql: String
    /// Of `$1` and on.
    var parameters: [Parameter]
  }

  private var tables: [RollupTable] { RollupTable.all(of: rollup) }
  private var figures: [RollupTable] { tables.filter { !$0.isOfMembers } }

  /// While it is known when the person was there.
  var dropSamples: [Step] { figures.compactMap(dropSamples) }

  /// While raw events are as they were.
  var forget: [Step] {
    var steps = tables.compactMap(deleteMembers)
    if isNewest {
      steps += figures.compactMap { adjust($0, by: "-", to: "analytics_erasing_before") }
    }
    return steps + tables.compactMap(moveRows) + figures.compactMap(eraseSamples)
  }

  /// When raw events are emptied.
  var agree: [Step] {
    figures.compactMap { adjust($0, by: "+", to: "analytics_erasing_after") }
      + [recomputeQuarters, recomputeDays].compactMap(\.self)
      + tables.flatMap(recomputeMembers)
  }

  // MARK: - Members

  private func deleteMembers(_ table: RollupTable) -> Step? {
    guard case .members(let measure) = table.content, measure.kind == .distinct(.userID) else {
      return nil
    }
    return Step(
      table: table.name, sql: "DELETE FROM \(table.name) WHERE member = $1", parameters: [.user])
  }

  /// Rows that hold the person's texts are merged with those that do not.
  private func moveRows(_ table: RollupTable) -> Step? {
    let texts = table.key.filter { $0.type.begins(with: "text") }.map(\.name)
    guard !texts.isEmpty else { return nil }
    let columns = table.columns.map { column in
      if column.name == "member", texts.contains(where: "member".isSame) {
        "analytics_erased_text(member, $1) AS member"
      } else if texts.contains(column.name) {
        "coalesce(analytics_erased_text(\(column.name), $1), '') AS \(column.name)"
      } else {
        column.name
      }
    }
    let merged = table.columns.map { column in
      column.name == "quarters" ? "bit_or(quarters)" : column.combined ?? column.name
    }
    return Step(
      table: table.name,
      sql: """
        WITH gone AS (
            DELETE FROM \(table.name)
            WHERE \(texts.map { "\($0) COLLATE \"C\" ~* $1" }.joined(separator: " OR "))
            RETURNING *
        ), emptied AS (
            SELECT \(columns.joined(separator: ", ")) FROM gone
        ), merged AS (
        \(table.upsert(
          """
          SELECT \(merged.joined(separator: ", ")) FROM emptied
          \(texts.contains(where: "member".isSame) ? "WHERE member IS NOT NULL" : "")
          GROUP BY \(table.key.map(\.name).joined(separator: ", "))
          """))
        )
        SELECT count(*) FROM gone
        """, parameters: [.pattern])
  }

  /// Members that came from fields which are gone now, and from no other event.
  private func recomputeMembers(_ table: RollupTable) -> [Step] {
    guard case .members(let measure) = table.content,
      case .distinct(.field(let field)) = measure.kind
    else { return [] }
    let name = SQLText.literal(field)
    // By the dimensions that are kept now, with the member of before.
    let lost = table.selection(
      from: """
        (SELECT a.id, a.timestamp, a.event_type, a.service, a.user_id, a.hostname, a.environment,
                a.data || jsonb_build_object(
                    \(name), analytics_erased_text(b.data->>\(name), $1)) AS data
         FROM analytics_erasing_before AS b JOIN analytics_erasing_after AS a USING (timestamp, id)
         WHERE b.data->>\(name) IS DISTINCT FROM a.data->>\(name))
        """, where: nil)
    let keys = table.key.map(\.name)
    let days = """
      (SELECT e.* FROM (SELECT DISTINCT day FROM lost) AS d JOIN analytics_events AS e
           ON e.timestamp >= d.day AND e.timestamp < d.day + interval '1 day')
      """
    return [
      Step(
        table: table.name,
        sql: """
          DELETE FROM \(table.name) AS kept USING (\(lost)) AS lost
          WHERE \(keys.map { "kept.\($0) = lost.\($0)" }.joined(separator: " AND "))
          """, parameters: [.pattern]),
      Step(
        table: table.name,
        sql: """
          WITH lost AS MATERIALIZED (\(lost))
          \(table.upsert(
            """
            SELECT fresh.* FROM (\(table.selection(from: days, where: nil))) AS fresh
            JOIN lost USING (\(keys.joined(separator: ", ")))
            """))
          """, parameters: [.pattern]),
    ]
  }

  // MARK: - Figures

  /// Counts and sums of events with a user lose what were the person's.
  private func adjust(_ table: RollupTable, by sign: String, to source: String) -> Step? {
    let measures = rollup.additiveMeasures.filter(\.isAdjustedForUsers).map(\.name)
    guard !measures.isEmpty else { return nil }
    let changes = measures.map { "\($0) = kept.\($0) \(sign) own.\($0)" }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.name) AS kept SET \(changes.joined(separator: ", "))
        FROM (\(table.selection(from: source, where: "e.is_own"))) AS own
        WHERE \(table.key.map { "kept.\($0.name) = own.\($0.name)" }.joined(separator: " AND "))
          AND (\(measures.map { "own.\($0) <> 0" }.joined(separator: " OR ")))
        """, parameters: [])
  }

  private var recomputed: [String] {
    rollup.additiveMeasures.filter(\.isRecomputedForUsers).map(\.name)
  }

  private var recomputeQuarters: Step? {
    guard !recomputed.isEmpty, let table = figures.first else { return nil }
    let source = """
      (SELECT e.* FROM (SELECT DISTINCT \(table.key[0].expression) AS quarter
                        FROM analytics_erasing_before AS e\(ofOurTypes)) AS q
       JOIN analytics_events AS e
           ON e.timestamp >= q.quarter AND e.timestamp < q.quarter + interval '15 minutes')
      """
    return replace(table, with: table.selection(from: source, where: nil))
  }

  private var recomputeDays: Step? {
    guard !recomputed.isEmpty, let table = figures.last, let quarters = figures.first else {
      return nil
    }
    let columns = table.columns.map { column in
      column.name == table.timeColumn ? "d.day" : column.combined ?? "q.\(column.name)"
    }
    return replace(
      table,
      with: """
        SELECT \(columns.joined(separator: ", "))
        FROM (SELECT DISTINCT \(table.key[0].expression) AS day
              FROM analytics_erasing_before AS e\(ofOurTypes)) AS d
        JOIN \(quarters.name) AS q
            ON q.quarter >= d.day AND q.quarter < d.day + interval '1 day'
        GROUP BY \((1...table.key.count).map(String.init).joined(separator: ", "))
        """)
  }

  private var ofOurTypes: String {
    let types = rollup.eventTypes.map(SQLText.literal).joined(separator: ", ")
    return types.isEmpty ? "" : " WHERE e.event_type IN (\(types))"
  }

  private func replace(_ table: RollupTable, with rows: String) -> Step {
    let changes = recomputed.map { "\($0) = fresh.\($0)" }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.name) AS kept SET \(changes.joined(separator: ", "))
        FROM (\(rows)) AS fresh (\(table.columns.map(\.name).joined(separator: ", ")))
        WHERE \(table.key.map { "kept.\($0.name) = fresh.\($0.name)" }.joined(separator: " AND "))
          AND (\(recomputed.map { "kept.\($0) IS DISTINCT FROM fresh.\($0)" }
            .joined(separator: " OR ")))
        """, parameters: [])
  }

  // MARK: - Samples

  private var samples: [String] {
    rollup.measures.filter { if case .sample = $0.kind { true } else { false } }.map(\.name)
  }

  /// A sample from a quarter of an hour in which the person was there may be theirs. Where raw
  /// events are gone nobody can tell, so it goes.
  private func dropSamples(_ table: RollupTable) -> Step? {
    guard !samples.isEmpty else { return nil }
    // Who was there by the rollup's own dimensions, if it knows; else at all.
    let own = rollup.measures.first { $0.kind == .distinct(.userID) && $0.condition == nil }
    let members =
      own.map { RollupTable(rollup: rollup, content: .members($0)).name } ?? Users.source
    var conditions = (own == nil ? [] : rollup.dimensions).map { "m.\($0.name) = kept.\($0.name)" }
    if table.timeColumn == "day" {
      conditions.append("m.day = kept.day")
    } else {
      conditions.append("m.day = analytics_day(kept.quarter)")
      conditions.append("m.quarters & analytics_quarter_bit(kept.quarter) <> 0::bit(96)")
    }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.name) AS kept SET \(samples.map { "\($0) = NULL" }.joined(separator: ", "))
        WHERE kept.\(table.timeColumn) < $2
          AND (\(samples.map { "kept.\($0) IS NOT NULL" }.joined(separator: " OR ")))
          AND EXISTS (SELECT FROM \(members) AS m
                      WHERE m.member = $1 AND \(conditions.joined(separator: " AND ")))
        """, parameters: [.user, .instant(finalBefore)])
  }

  private func eraseSamples(_ table: RollupTable) -> Step? {
    guard !samples.isEmpty else { return nil }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.name)
        SET \(samples.map { "\($0) = analytics_erased_text(\($0), $1)" }.joined(separator: ", "))
        WHERE \(samples.map { "\($0) COLLATE \"C\" ~* $1" }.joined(separator: " OR "))
        """, parameters: [.pattern])
  }
}

extension RollupTable {
  fileprivate var isOfMembers: Bool { if case .members = content { true } else { false } }
}

extension Measure {
  /// Whether it can lose an event's share.
  fileprivate var isAdjustedForUsers: Bool {
    switch kind {
    case .count, .sum: condition?.asksForUser == true
    default: false
    }
  }

  /// Whether it has to be computed anew when an event becomes nobody's, or loses a text.
  fileprivate var isRecomputedForUsers: Bool {
    switch kind {
    case .sample: true
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
