internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// What keeps all rollups: one statement-level trigger on the events.
///
/// A fixed order of statements, each in key order: two writers wait for one another but never in a
/// circle. First the members, of whom each writer has others, then the figures that all add to: so
/// they are locked shortly.
struct RollupTrigger {
  let rollups: [Rollup]
  /// How many rows `analytics_rollups` has, older versions included.
  let registered: Int

  /// The function and the trigger, to be run with the schema first in search_path.
  var script: SQL {
    """
    CREATE OR REPLACE FUNCTION analytics_roll_up() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT
    -- A transition table has no statistics: the planner takes it for small and sorts all events, where
    -- hashing them first leaves a tenth to sort.
    SET enable_sort = off
    SET jit = off
    AS \(body: body);
    REVOKE ALL ON FUNCTION analytics_roll_up() FROM PUBLIC;
    CREATE OR REPLACE TRIGGER analytics_roll_up AFTER INSERT ON analytics_events
        REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT
        EXECUTE FUNCTION analytics_roll_up();
    """
  }

  private var body: SQL {
    """
    DECLARE
        types text[];
        is_pending boolean;
    BEGIN
        SELECT array_agg(event_type) INTO types
        FROM (SELECT e.event_type::text FROM new_events AS e GROUP BY 1) AS seen;
        IF types IS NULL THEN
            RETURN NULL;
        END IF;
        -- A snapshot from before a rollup was made does not see what of it is pending.
        IF (SELECT count(*) FROM analytics_rollups) <> \(literal: registered) THEN
            RAISE EXCEPTION 'a rollup was created since this transaction began: run it again'
                USING ERRCODE = 'serialization_failure';
        END IF;
        -- Ranges that a new rollup is still to be computed for. Whoever computes one holds its row.
        PERFORM FROM analytics_rollup_pending AS p
        WHERE EXISTS (SELECT FROM new_events AS e
                      WHERE e.timestamp >= p.lower AND e.timestamp < p.upper)
        ORDER BY p.name, p.version, p.lower
        FOR KEY SHARE;
        is_pending := EXISTS (SELECT FROM analytics_rollup_pending);
    \(rollups.map(members).joined(separator: "\n"))
    \(rollups.map(figures).joined(separator: "\n"))
        RETURN NULL;
    END
    """
  }

  private func members(_ rollup: Rollup) -> SQL {
    let upserts = RollupTable.memberUpserts(
      of: rollup, from: "new_events", where: Self.isLive(rollup))
    return Self.guarded(rollup, upserts.map { Self.withUsers(rollup, $0) })
  }

  private func figures(_ rollup: Rollup) -> SQL {
    Self.guarded(
      rollup,
      RollupTable.figureUpserts(of: rollup, from: "new_events", where: Self.isLive(rollup)))
  }

  private static func guarded(_ rollup: Rollup, _ statements: [SQL]) -> SQL {
    let all = statements.map { $0 + ";" }.joined(separator: "\n")
    guard !rollup.eventTypes.isEmpty, !statements.isEmpty else { return all }
    let types = rollup.eventTypes.map(SQL.literal).joined(separator: ", ")
    return "IF types && ARRAY[\(types)] THEN\n\(all)\nEND IF;"
  }

  /// Whether the event `e` lies in no range that is still to be computed.
  private static func isLive(_ rollup: Rollup) -> SQL {
    """
    (NOT is_pending OR NOT EXISTS (
        SELECT FROM analytics_rollup_pending AS p
        WHERE p.name = \(literal: rollup.name) AND p.version = \(literal: rollup.version)
          AND e.timestamp >= p.lower AND e.timestamp < p.upper))
    """
  }

  /// A user who is new on a day may be new altogether.
  private static func withUsers(_ rollup: Rollup, _ upsert: SQL) -> SQL {
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
