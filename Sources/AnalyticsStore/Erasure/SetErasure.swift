internal import AnalyticsPostgres
internal import AnalyticsRollups

/// Statements that remove members from the sets of one table.
///
/// Two temporary tables name the members. `analytics_forgotten` has, by kind, the numbers of the
/// person and of texts that name the person. If something is left of a text after erasing the
/// person, `replacement` is the number of what is left. `analytics_lost` collects members that came
/// from fields which the person's events no longer have.
struct SetErasure {
  private let table: RollupTable
  private let source: Source
  /// A regular expression that matches the person's texts.
  private let pattern: String

  init?(_ table: RollupTable, pattern: String) {
    guard let source = table.measure?.source else { return nil }
    self.table = table
    self.source = source
    self.pattern = pattern
  }

  static let temporaryTables: SQL = """
    CREATE TEMPORARY TABLE analytics_forgotten (
        kind text COLLATE "C", number integer, replacement integer) ON COMMIT DROP;
    CREATE TEMPORARY TABLE analytics_lost (kind text COLLATE "C", number integer) ON COMMIT DROP
    """

  /// The steps that run while raw events are unchanged.
  var forget: [RollupErasure.Step] {
    let kind = source.kind
    let periods = table.periods.map { "kept.\($0.sql)" as SQL }
    let replaced: SQL = """
      SELECT DISTINCT \(periods.joined(separator: ", ")), f.replacement AS _number
      FROM \(table.sql) AS kept
      JOIN analytics_forgotten AS f ON f.number / 32000 = kept._chunk
      WHERE f.kind = \(kind) AND f.replacement IS NOT NULL
        AND analytics_has(kept._members, f.number % 32000)
      """
    let remove: SQL = """
      UPDATE \(table.sql) AS kept SET _members = analytics_without(kept._members, f.places)
      FROM (SELECT number / 32000 AS chunk, array_agg(number % 32000) AS places
            FROM analytics_forgotten WHERE kind = \(kind) GROUP BY 1) AS f
      WHERE f.chunk = kept._chunk
        AND EXISTS (SELECT FROM unnest(f.places) AS place WHERE analytics_has(kept._members, place))
      """
    return [
      .init(table: nil, sql: table.upsert(table.sets(of: "(\(replaced)) AS seen"))),
      .init(table: table.name, sql: remove), removeEmpty,
    ]
  }

  /// The steps that run after the raw events were erased. They remove members that came only from
  /// fields which are gone, and add what is left of a text.
  var recompute: [RollupErasure.Step] {
    guard case .field(let field) = source, let measure = table.measure else { return [] }
    let isChanged: SQL = "b.data->>\(field) IS DISTINCT FROM a.data->>\(field)"
    // The events have the dimensions as they are now, and the member as it was before, which may
    // have been renamed already.
    let lost = seen(
      """
      (SELECT a.id, a.timestamp, a.event_type, a.service, a.user_id, a.hostname, a.environment, a.batch,
              a.data || jsonb_build_object(\(field), was.member) AS data
       FROM analytics_erasing_before AS b JOIN analytics_erasing_after AS a USING (timestamp, id)
       CROSS JOIN LATERAL (VALUES (b.data->>\(field)),
                                  (analytics_erased_text(b.data->>\(field), \(pattern)))) AS was (member)
       WHERE \(isChanged))
      """)
    let changed: SQL = """
      (SELECT a.* FROM analytics_erasing_before AS b JOIN analytics_erasing_after AS a USING (timestamp, id)
       WHERE \(isChanged))
      """
    let names = table.periods.map(\.sql)
    let number: SQL = """
      SELECT analytics_give_numbers(\(source.kind), ARRAY(
          SELECT DISTINCT \(source.member) FROM \(table.rollup.events(from: changed, membersOf: measure))))
      """
    let collect: SQL = """
      INSERT INTO analytics_lost SELECT DISTINCT \(source.kind), _number FROM (\(lost)) AS lost
      """
    let remove: SQL = """
      UPDATE \(table.sql) AS kept SET _members = analytics_without(kept._members, lost._places)
      FROM (SELECT \(names.joined(separator: ", ")), _number / 32000 AS _chunk,
                   array_agg(_number % 32000) AS _places
            FROM (\(lost)) AS lost GROUP BY \(.positions(1...names.count + 1))) AS lost
      WHERE \((names + ["_chunk"]).map { "kept.\($0) = lost.\($0)" as SQL }.joined(separator: " AND "))
      """
    let time = table.timeColumn
    let events: SQL = """
      (SELECT e.* FROM (SELECT DISTINCT \(time) AS _time FROM touched) AS d JOIN analytics_events AS e
           ON e.timestamp >= d._time AND e.timestamp < d._time + \(table.interval))
      """
    let restore: SQL = """
      WITH touched AS MATERIALIZED ((\(lost)) UNION (\(seen(changed))))
      \(table.upsert(table.sets(of: """
        (SELECT fresh.* FROM (\(seen(events))) AS fresh
         JOIN touched USING (\((names + ["_number"]).joined(separator: ", ")))) AS seen
        """)))
      """
    let onlyOnce = table.isQuarterly ? [number, collect] : []
    return onlyOnce.map { .init(table: nil, sql: $0) } + [
      .init(table: table.name, sql: remove), .init(table: nil, sql: restore), removeEmpty,
    ]
  }

  /// A statement that runs after the steps of all tables: a text that is still in a set is not
  /// lost.
  var keepStillUsedTexts: SQL? {
    guard table.isQuarterly, source != .userID else { return nil }
    return """
      DELETE FROM analytics_lost AS l USING \(table.sql) AS kept
      WHERE l.kind = \(source.kind) AND kept._chunk = l.number / 32000
        AND analytics_has(kept._members, l.number % 32000)
      """
  }

  private func seen(_ events: SQL) -> SQL {
    RollupStatements(
      rollup: table.rollup, refusal: RollupErasure.refusal,
      numbers: { "SELECT member, number FROM \(Members.keptTexts) WHERE kind = \($0.kind)" }
    ).seen(in: table, from: "SELECT * FROM \(events) AS e")
  }

  private var removeEmpty: RollupErasure.Step {
    let isEmpty: SQL = table.isQuarterly ? "length(_members) = 0" : "_members = 0::bit(32000)"
    return .init(table: nil, sql: "DELETE FROM \(table.sql) WHERE \(isEmpty)")
  }
}
