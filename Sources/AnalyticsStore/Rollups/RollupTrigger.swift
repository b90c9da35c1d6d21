internal import AnalyticsCatalogue

/// What keeps all rollups on plain PostgreSQL: one statement-level trigger on the events.
///
/// One statement a table, in a fixed order, each in key order: two writers wait for one another but
/// never in a circle. What many writers share comes last, so that they share it shortly.
struct RollupTrigger {
  let rollups: [Rollup]

  /// The function and the trigger, to be run with the schema first in search_path.
  var script: String {
    """
    CREATE OR REPLACE FUNCTION analytics_roll_up() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT
    -- A transition table has no statistics: the planner takes it for small and sorts all events, where
    -- hashing them first leaves a tenth to sort.
    SET enable_sort = off
    SET jit = off
    AS $function$
    DECLARE
        types text[];
        is_pending boolean;
    BEGIN
        SELECT array_agg(event_type) INTO types
        FROM (SELECT e.event_type::text FROM new_events AS e GROUP BY 1) AS seen;
        IF types IS NULL THEN
            RETURN NULL;
        END IF;
        -- Ranges that a new rollup is still to be computed for. Whoever computes one holds its row.
        PERFORM FROM analytics_rollup_pending AS p
        WHERE EXISTS (SELECT FROM new_events AS e
                      WHERE e.timestamp >= p.lower AND e.timestamp < p.upper)
        ORDER BY p.name, p.version, p.lower
        FOR KEY SHARE;
        is_pending := EXISTS (SELECT FROM analytics_rollup_pending);
    \(rollups.map(statements).joined(separator: "\n"))
    \(environmentUpdates)
        RETURN NULL;
    END
    $function$;
    REVOKE ALL ON FUNCTION analytics_roll_up() FROM PUBLIC;
    CREATE OR REPLACE TRIGGER analytics_roll_up AFTER INSERT ON analytics_events
        REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT
        EXECUTE FUNCTION analytics_roll_up();
    """
  }

  private func statements(_ rollup: Rollup) -> String {
    let upserts = RollupTable.upserts(
      of: rollup, from: "new_events", where: Self.isLive(rollup)
    ).map { Self.withUsers(rollup, $0) + ";" }.joined(separator: "\n")
    guard !rollup.eventTypes.isEmpty else { return upserts }
    let types = rollup.eventTypes.map(\.sqlLiteral).joined(separator: ", ")
    return "IF types && ARRAY[\(types)] THEN\n\(upserts)\nEND IF;"
  }

  /// Whether the event `e` lies in no range that is still to be computed.
  private static func isLive(_ rollup: Rollup) -> String {
    """
    (NOT is_pending OR NOT EXISTS (
        SELECT FROM analytics_rollup_pending AS p
        WHERE p.name = \(rollup.name.sqlLiteral) AND p.version = \(rollup.version)
          AND e.timestamp >= p.lower AND e.timestamp < p.upper))
    """
  }

  /// A few rows that all writers meet at, so the last.
  private var environmentUpdates: String {
    guard let events = rollups.first(where: { $0.name == Rollup.events.name }) else { return "" }
    return EnvironmentUpdates.upsert(from: "new_events", where: Self.isLive(events)) + ";"
  }

  /// A user who is new on a day may be new altogether.
  private static func withUsers(_ rollup: Rollup, _ upsert: String) -> String {
    guard rollup.name == Rollup.activity.name else { return upsert }
    return """
      WITH days AS (
      \(upsert)
      RETURNING kept.day, kept.member, kept.xmax = 0 AS is_new
      )
      \(Users.upsert(from: "days WHERE is_new"))
      """
  }
}
