import AnalyticsPostgres

/// What may keep events from being stored, whoever stores them.
struct StoringFacts: Sendable {
  /// `role app: default_transaction_read_only=on`, of roles that may store, and of the database.
  var settings: [String]
  /// Subscriptions of logical replication that write into our tables.
  var subscriptions: [String]
  /// Refused events that are kept; `nil` without the right to look.
  var refused: Int?

  /// - Parameter schemaIsGiven: Whether services are told the schema, so that `search_path` does not matter.
  static func read(
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

  /// Storing begins its transactions with settings of its own; these it does not set.
  private static func settings(_ schemaIsGiven: Bool) -> SQL {
    """
    SELECT concat_ws(' ', CASE WHEN s.setrole <> 0 THEN concat('role ', s.setrole::regrole) END,
                     CASE WHEN s.setdatabase <> 0 THEN concat('database ', current_database()) END)
           || ': ' || setting AS found
    FROM pg_catalog.pg_db_role_setting AS s
    CROSS JOIN LATERAL unnest(s.setconfig) AS setting
    CROSS JOIN LATERAL (VALUES (split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)))
        AS part (name, value)
    WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database
                                                 WHERE datname = current_database()))
      AND (s.setrole = 0 OR has_table_privilege(s.setrole, 'analytics_events', 'INSERT'))
      AND CASE name WHEN 'default_transaction_read_only' THEN value::boolean
                    WHEN 'session_replication_role' THEN lower(value) = 'replica'
                    WHEN 'transaction_timeout' THEN value <> '0'
                    WHEN 'search_path' THEN NOT \(schemaIsGiven)
                        AND current_schema() <> ALL (ARRAY(
                            SELECT trim('"' FROM trim(each)) FROM string_to_table(value, ',') AS each))
                    ELSE false END
    ORDER BY 1
    """
  }

  private static let subscriptions: SQL = """
    SELECT DISTINCT s.subname::text FROM pg_catalog.pg_subscription_rel AS r
    JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
    JOIN pg_catalog.pg_class AS t ON t.oid = r.srrelid
    WHERE starts_with(t.relname, 'analytics_')
      AND t.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class
                            WHERE oid = 'analytics_events'::regclass)
    ORDER BY 1
    """
}
