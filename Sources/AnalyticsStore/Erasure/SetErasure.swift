internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// How the sets of one table lose members.
///
/// Whom they lose is in two temporary tables. `analytics_forgotten` has, by kind, the numbers of the person and of
/// texts that name them; a text that is still something without them has a `replacement`, the number of the rest.
/// `analytics_lost` collects members that came from fields which the person's events have no more.
struct SetErasure {
  private let table: RollupTable
  private let source: Source
  /// A regular expression that finds the person's texts.
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

  /// While raw events are as they were.
  var forget: [RollupErasure.Step] {
    let kind = source.kind
    let periods = table.periods.map { "kept.\($0.sql)" as SQL }
    let replaced: SQL = """
      SELECT \(periods.joined(separator: ", ")), f.replacement AS number
      FROM \(table.sql) AS kept
      JOIN analytics_forgotten AS f ON f.number / 32000 = kept.chunk
      WHERE f.kind = \(kind) AND f.replacement IS NOT NULL
        AND analytics_has(kept.members, f.number % 32000)
      """
    let replace = table.upsert(
      table.sets(of: "(SELECT DISTINCT * FROM (\(replaced)) AS r) AS seen"))
    let remove: SQL = """
      UPDATE \(table.sql) AS kept SET members = analytics_without(kept.members, f.places)
      FROM (SELECT number / 32000 AS chunk, array_agg(number % 32000) AS places
            FROM analytics_forgotten WHERE kind = \(kind) GROUP BY 1) AS f
      WHERE f.chunk = kept.chunk
        AND EXISTS (SELECT FROM unnest(f.places) AS place WHERE analytics_has(kept.members, place))
      """
    return [replace, remove, removeEmpty].map(step)
  }

  /// When raw events are emptied: members that came from fields which are gone now, and from no other event.
  var recompute: [RollupErasure.Step] {
    guard case .field(let field) = source else { return [] }
    // By the dimensions that are kept now, with the member of before.
    let lost = table.seen(
      from: """
        (SELECT a.id, a.timestamp, a.event_type, a.service, a.user_id, a.hostname, a.environment,
                a.data || jsonb_build_object(
                    \(field), analytics_erased_text(b.data->>\(field), \(pattern))) AS data
         FROM analytics_erasing_before AS b JOIN analytics_erasing_after AS a USING (timestamp, id)
         WHERE b.data->>\(field) IS DISTINCT FROM a.data->>\(field))
        """)
    let names = table.periods.map(\.sql)
    let time = table.timeColumn
    let collect: SQL = """
      INSERT INTO analytics_lost SELECT DISTINCT \(source.kind), number FROM (\(lost)) AS lost
      """
    let remove: SQL = """
      UPDATE \(table.sql) AS kept SET members = analytics_without(kept.members, lost.places)
      FROM (SELECT \(names.joined(separator: ", ")), number / 32000 AS chunk,
                   array_agg(number % 32000) AS places
            FROM (\(lost)) AS lost GROUP BY \(.positions(1...names.count + 1))) AS lost
      WHERE \((names + ["chunk"]).map { "kept.\($0) = lost.\($0)" as SQL }.joined(separator: " AND "))
      """
    let events: SQL = """
      (SELECT e.* FROM (SELECT DISTINCT \(time) FROM lost) AS d JOIN analytics_events AS e
           ON e.timestamp >= d.\(time) AND e.timestamp < d.\(time) + \(table.interval))
      """
    let restore: SQL = """
      WITH lost AS MATERIALIZED (\(lost))
      \(table.upsert(table.sets(of: """
        (SELECT fresh.* FROM (\(table.seen(from: events))) AS fresh
         JOIN lost USING (\((names + ["number"]).joined(separator: ", ")))) AS seen
        """)))
      """
    return [remove, restore, removeEmpty].map(step)
      + (table.isQuarterly ? [RollupErasure.Step(table: nil, sql: collect)] : [])
  }

  /// Afterwards, of all tables: what is still a member has not been lost.
  var find: SQL? {
    guard table.isQuarterly, source != .userID else { return nil }
    return """
      DELETE FROM analytics_lost AS l USING \(table.sql) AS kept
      WHERE l.kind = \(source.kind) AND kept.chunk = l.number / 32000
        AND analytics_has(kept.members, l.number % 32000)
      """
  }

  private var removeEmpty: SQL {
    table.isQuarterly
      ? "DELETE FROM \(table.sql) WHERE length(members) = 0"
      : "DELETE FROM \(table.sql) WHERE members = 0::bit(32000)"
  }

  private func step(_ sql: SQL) -> RollupErasure.Step { .init(table: table.name, sql: sql) }
}
