internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

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
  let user: UUID
  /// A regular expression that finds the person's texts.
  let pattern: String

  /// One statement.
  struct Step {
    var table: String
    var sql: SQL
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
    return Step(table: table.name, sql: "DELETE FROM \(table.sql) WHERE member = \(user)")
  }

  /// Rows that hold the person's texts are merged with those that do not.
  private func moveRows(_ table: RollupTable) -> Step? {
    let texts = table.key.filter { $0.type == .text }
    guard !texts.isEmpty else { return nil }
    let hasTextMember = texts.last?.name == "member"
    let key = table.key.map { column -> SQL in
      if column.type != .text {
        column.sql
      } else if column.name == "member" {
        "analytics_erased_text(member, \(pattern)) AS member"
      } else {
        "coalesce(analytics_erased_text(\(column.sql), \(pattern)), '') AS \(column.sql)"
      }
    }
    let columns = key + table.values.map(\.sql)
    let merged = table.columns.map { column in
      column.type == .quarters ? "bit_or(quarters)" : column.combined ?? column.sql
    }
    return Step(
      table: table.name,
      sql: """
        WITH gone AS (
            DELETE FROM \(table.sql)
            WHERE \(texts.map { holdsPattern($0.sql) }.joined(separator: " OR "))
            RETURNING *
        ), emptied AS (
            SELECT \(columns.joined(separator: ", ")) FROM gone
        ), merged AS (
        \(table.upsert(
          """
          SELECT \(merged.joined(separator: ", ")) FROM emptied
          \(hasTextMember ? "WHERE member IS NOT NULL" : "" as SQL)
          GROUP BY \(table.key.map(\.sql).joined(separator: ", "))
          """))
        )
        SELECT count(*) FROM gone
        """)
  }

  private func holdsPattern(_ column: SQL) -> SQL { "\(column) COLLATE \"C\" ~* \(pattern)" }

  /// Members that came from fields which are gone now, and from no other event.
  private func recomputeMembers(_ table: RollupTable) -> [Step] {
    guard case .members(let measure) = table.content,
      case .distinct(.field(let field)) = measure.kind
    else { return [] }
    // By the dimensions that are kept now, with the member of before.
    let lost = table.selection(
      from: """
        (SELECT a.id, a.timestamp, a.event_type, a.service, a.user_id, a.hostname, a.environment,
                a.data || jsonb_build_object(
                    \(field), analytics_erased_text(b.data->>\(field), \(pattern))) AS data
         FROM analytics_erasing_before AS b JOIN analytics_erasing_after AS a USING (timestamp, id)
         WHERE b.data->>\(field) IS DISTINCT FROM a.data->>\(field))
        """, where: nil)
    let keys = table.key.map(\.sql)
    let days: SQL = """
      (SELECT e.* FROM (SELECT DISTINCT day FROM lost) AS d JOIN analytics_events AS e
           ON e.timestamp >= d.day AND e.timestamp < d.day + interval '1 day')
      """
    return [
      Step(
        table: table.name,
        sql: """
          DELETE FROM \(table.sql) AS kept USING (\(lost)) AS lost
          WHERE \(keys.map { "kept.\($0) = lost.\($0)" as SQL }.joined(separator: " AND "))
          """),
      Step(
        table: table.name,
        sql: """
          WITH lost AS MATERIALIZED (\(lost))
          \(table.upsert(
            """
            SELECT fresh.* FROM (\(table.selection(from: days, where: nil))) AS fresh
            JOIN lost USING (\(keys.joined(separator: ", ")))
            """))
          """),
    ]
  }

  // MARK: - Figures

  /// Counts and sums of events with a user lose what were the person's.
  private func adjust(_ table: RollupTable, by sign: SQL, to source: SQL) -> Step? {
    let measures = rollup.additiveMeasures.filter(\.isAdjustedForUsers).map(\.column.sql)
    guard !measures.isEmpty else { return nil }
    let changes = measures.map { "\($0) = kept.\($0) \(sign) own.\($0)" as SQL }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) AS kept SET \(changes.joined(separator: ", "))
        FROM (\(table.selection(from: source, where: "e.is_own"))) AS own
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
    let columns: [SQL] =
      ["d.day"] + table.columns.dropFirst().map { $0.combined ?? "q.\($0.sql)" }
    return replace(
      table,
      with: """
        SELECT \(columns.joined(separator: ", "))
        FROM (SELECT DISTINCT \(table.key[0].expression) AS day
              FROM analytics_erasing_before AS e\(ofOurTypes)) AS d
        JOIN \(quarters.sql) AS q
            ON q.quarter >= d.day AND q.quarter < d.day + interval '1 day'
        GROUP BY \(.positions(1...table.key.count))
        """)
  }

  private var ofOurTypes: SQL {
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

  private var samples: [SQL] {
    rollup.measures.filter { if case .sample = $0.kind { true } else { false } }.map(\.column.sql)
  }

  /// A sample from a quarter of an hour in which the person was there may be theirs. Where raw
  /// events are gone nobody can tell, so it goes.
  private func dropSamples(_ table: RollupTable) -> Step? {
    guard !samples.isEmpty else { return nil }
    // Who was there by the rollup's own dimensions, if it knows; else at all.
    let own = rollup.measures.first { $0.kind == .distinct(.userID) && $0.condition == nil }
    let members =
      own.map { RollupTable(rollup: rollup, content: .members($0)).sql } ?? Users.source
    var conditions = (own == nil ? [] : rollup.dimensions).map(\.column.sql)
      .map { "m.\($0) = kept.\($0)" as SQL }
    if table.isQuarterly {
      conditions.append("m.day = analytics_day(kept.quarter)")
      conditions.append("m.quarters & analytics_quarter_bit(kept.quarter) <> 0::bit(96)")
    } else {
      conditions.append("m.day = kept.day")
    }
    let isThere = samples.map { "kept.\($0) IS NOT NULL" as SQL }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) AS kept
        SET \(samples.map { "\($0) = NULL" as SQL }.joined(separator: ", "))
        WHERE kept.\(table.timeColumn) < \(finalBefore)
          AND (\(isThere.joined(separator: " OR ")))
          AND EXISTS (SELECT FROM \(members) AS m
                      WHERE m.member = \(user) AND \(conditions.joined(separator: " AND ")))
        """)
  }

  private func eraseSamples(_ table: RollupTable) -> Step? {
    guard !samples.isEmpty else { return nil }
    let changes = samples.map { "\($0) = analytics_erased_text(\($0), \(pattern))" as SQL }
    return Step(
      table: table.name,
      sql: """
        UPDATE \(table.sql) SET \(changes.joined(separator: ", "))
        WHERE \(samples.map(holdsPattern).joined(separator: " OR "))
        """)
  }
}

extension RollupTable {
  /// Of two sources that have the key's columns.
  fileprivate func isSameKey(_ left: SQL, _ right: SQL) -> SQL {
    key.map { "\(left).\($0.sql) = \(right).\($0.sql)" as SQL }.joined(separator: " AND ")
  }
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
