package import AnalyticsPostgres

/// Settings, subscriptions and refused events: causes that keep events from being stored or
/// reported.
package struct StoringFacts: Sendable {
  /// Settings that stop storing and apply to a database user who may store, such as `role app:
  /// default_transaction_read_only=on`.
  package let settings: [String]
  /// Enabled subscriptions of logical replication that write into the tables of this package.
  package let subscriptions: [String]
  /// The number of dead letters; `nil` without the privilege to read them.
  package private(set) var refused: Int?

  /// - Parameter schemaIsGiven: Whether services name the schema, so that `search_path` does not
  ///   matter.
  package static func read(
    on connection: PostgresConnection, schemaIsGiven: Bool
  ) async throws -> StoringFacts {
    var facts = StoringFacts(
      settings: try await connection.query(settings(schemaIsGiven)).values(),
      subscriptions: try await connection.query(subscriptions).values())
    let mayLook: Bool = try await connection.query(
      "SELECT has_table_privilege('analytics_dead_letters', 'SELECT')"
    ).value()
    if mayLook {
      facts.refused = try await connection.query("SELECT count(*) FROM analytics_dead_letters")
        .value()
    }
    return facts
  }

  /// Storing itself sets all other settings that matter. A role's settings come before the
  /// database's, and settings for a role in a database come before both.
  private static func settings(_ schemaIsGiven: Bool) -> SQL {
    """
    WITH home AS (
        SELECT n.nspname AS name FROM pg_catalog.pg_class AS t
        JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
        WHERE t.oid = 'analytics_events'::regclass
    ), said AS (
        SELECT s.setrole, s.setdatabase, setting, split_part(setting, '=', 1) AS name,
               substr(setting, strpos(setting, '=') + 1) AS value
        FROM pg_catalog.pg_db_role_setting AS s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
        WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database
                                    WHERE datname = current_database()))
    ), holding AS (
        SELECT DISTINCT ON (r.oid, s.name) r.oid AS role, r.rolname, s.*
        FROM pg_catalog.pg_roles AS r JOIN said AS s ON s.setrole IN (0, r.oid)
        WHERE r.rolcanlogin AND has_table_privilege(r.oid, 'analytics_events', 'INSERT')
        ORDER BY r.oid, s.name, s.setrole <> 0 DESC, s.setdatabase <> 0 DESC
    )
    SELECT DISTINCT concat_ws(' in ', CASE WHEN setrole <> 0 THEN 'role ' || rolname END,
                              CASE WHEN setdatabase <> 0 THEN 'database ' || current_database()
                                   WHEN setrole = 0 THEN 'all roles' END) || ': ' || setting AS found
    FROM holding
    WHERE CASE name WHEN 'default_transaction_read_only' THEN value::boolean
                    WHEN 'session_replication_role' THEN lower(value) = 'replica'
                    WHEN 'transaction_timeout' THEN (\(timeout)) BETWEEN interval '1 ms' AND interval '59 s'
                    WHEN 'search_path' THEN NOT \(schemaIsGiven)
                        AND (SELECT home.name FROM home) IS DISTINCT FROM (\(firstSchema))
                    ELSE false END
    ORDER BY found
    """
  }

  /// A number without a unit is in milliseconds.
  private static let timeout: SQL = """
    CASE WHEN value ~ '^[0-9]+$' THEN value::bigint * interval '1 ms' ELSE value::interval END
    """

  /// The schema to which a `search_path` leads a role.
  private static let firstSchema: SQL = """
    SELECT n.nspname
    FROM regexp_matches(value, '"((?:[^"]|"")*)"|([^,"[:space:]]+)', 'g') WITH ORDINALITY AS m (part, place)
    CROSS JOIN LATERAL (VALUES (coalesce(replace(part[1], '""', '"'), lower(part[2])))) AS element (name)
    JOIN pg_catalog.pg_namespace AS n
        ON n.nspname = CASE element.name WHEN '$user' THEN rolname ELSE element.name END
    WHERE has_schema_privilege(role, n.oid, 'USAGE') ORDER BY place LIMIT 1
    """

  private static let subscriptions: SQL = """
    SELECT DISTINCT s.subname::text FROM pg_catalog.pg_subscription_rel AS r
    JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
    JOIN pg_catalog.pg_class AS t ON t.oid = r.srrelid
    WHERE s.subenabled AND starts_with(t.relname, 'analytics_')
      AND t.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class
                            WHERE oid = 'analytics_events'::regclass)
    ORDER BY 1
    """
}
