internal import AnalyticsConnections
internal import AnalyticsPostgres

/// The names of the roles that may store and read. They are meant to be granted to the roles that
/// log in. For the owner, see ``Migrator/setOwner(_:)``.
public struct AnalyticsRoles: Sendable, Hashable {
  /// The role that may store events and read none.
  public var writer: String
  /// The role that may read events and store none.
  public var reader: String

  /// Names the roles.
  public init(writer: String = "analytics_writer", reader: String = "analytics_reader") {
    self.writer = writer
    self.reader = reader
  }

  /// The result of creating or granting roles.
  public enum Outcome: Sendable, Hashable {
    /// The roles exist and have their rights.
    case granted
    /// This login lacks the right to do it. A privileged user has to run this SQL. Nothing was
    /// changed.
    case mustBeCreated(sql: String)
  }
}

extension Migrator {
  /// Creates the roles if they are missing, and grants them their rights in this schema.
  ///
  /// Granting needs no more than owning the tables. Calling this again has the same result.
  @discardableResult
  public func grant(_ roles: AnalyticsRoles) async throws(StoreError) -> AnalyticsRoles.Outcome {
    try await connected { session in
      let waiting = try await session.readOnlyHistory(migrations).pending(.pre)
      guard waiting.isEmpty else { throw StoreError.rolesBeforeTables }
      return try await session.connection.transaction { connection in
        let missing = try await connection.query(
          """
          SELECT name, (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles
                        WHERE rolname = current_user) AS may_create
          FROM unnest(\([roles.writer, roles.reader])) AS name
          WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)
          """)
        let creation = try missing.map { row in
          "CREATE ROLE \(identifier: try row.decode(String.self, "name")) NOLOGIN;" as SQL
        }.joined(separator: "\n")
        if let row = missing.first {
          guard try row.decode(Bool.self, "may_create") else {
            return .mustBeCreated(sql: creation.description)
          }
          try await connection.execute(creation)
        }
        try await connection.execute(session.writerRights(roles.writer))
        try await connection.execute(session.readerRights(roles.reader))
        try await connection.execute(.names(in: session.schema, isLocal: true))
        try await connection.execute(.grantRollups)
        return .granted
      }
    }
  }
}

extension MigrationSession {
  /// Grants the rights on objects that new migrations created to all roles that were granted rights
  /// before.
  func grantToRolesAgain() async throws {
    // These roles are recognised by a function that only they may call.
    let rows = try await connection.query(
      """
      SELECT f.proname = 'analytics_begin_ingest' AS is_writer, r.rolname AS role
      FROM pg_catalog.pg_proc AS f
      CROSS JOIN LATERAL aclexplode(f.proacl) AS acl
      JOIN pg_catalog.pg_roles AS r ON r.oid = acl.grantee
      WHERE f.pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = \(schema.name))
        AND f.proname IN ('analytics_begin_ingest', 'analytics_has_keys')
        AND f.proowner <> acl.grantee
      """)
    for row in rows {
      let role = try row.decode(String.self, "role")
      let isWriter = try row.decode(Bool.self, "is_writer")
      try await connection.execute(isWriter ? writerRights(role) : readerRights(role))
    }
  }

  /// A writer may read no events. It manages partitions, reads the retention boundary and finds
  /// stored events through functions that run with the owner's rights.
  fileprivate func writerRights(_ role: String) -> SQL {
    """
    GRANT USAGE ON SCHEMA \(schema) TO \(identifier: role);
    GRANT INSERT ON \(schema).analytics_events TO \(identifier: role);
    GRANT EXECUTE ON FUNCTION \(schema).analytics_ensure_partitions(timestamptz[]),
        \(schema).analytics_begin_ingest(), \(schema).analytics_ingest_bounds(),
        \(schema).analytics_installation(),
        \(schema).analytics_set_aside(uuid, timestamptz, uuid, integer, bytea, text),
        \(schema).analytics_insert_new(
            uuid[], timestamptz[], text[], text[], uuid[], text[], text[], jsonb[]),
        \(schema).analytics_count_suppressed(uuid[], timestamptz[]),
        \(schema).analytics_roll_up(bigint, boolean, bigint), \(schema).analytics_count_pending(),
        \(schema).analytics_lost_days(), \(schema).analytics_close_usage(interval),
        \(schema).analytics_register_clients(
            text[], text[], text[], text[], timestamptz[], double precision[]),
        \(schema).analytics_add_usage(
            uuid, bigint, double precision, text[], text[], bigint[], text[], text[], text[]),
        \(schema).analytics_telemetry_turn_on(text), \(schema).analytics_telemetry_turn_off(text),
        \(schema).analytics_telemetry_due(), \(schema).analytics_telemetry_put(bigint, text),
        \(schema).analytics_telemetry_claim(interval, interval),
        \(schema).analytics_telemetry_settle(bigint, text, interval),
        \(schema).analytics_telemetry_receive(
            uuid, bytea, bigint, timestamptz, timestamptz, jsonb)
        TO \(identifier: role);
    GRANT SELECT ON \(schema).analytics_migrations TO \(identifier: role)
    """
  }

  fileprivate func readerRights(_ role: String) -> SQL {
    """
    GRANT USAGE ON SCHEMA \(schema) TO \(identifier: role);
    GRANT SELECT ON \(schema).analytics_events, \(schema).analytics_retention,
        \(schema).analytics_rollups, \(schema).analytics_rollup_pending,
        \(schema).analytics_instance,
        \(schema).analytics_usage_periods, \(schema).analytics_usage_counters,
        \(schema).usage_summary, \(schema).usage_figures, \(schema).boundary_usage_summary, \(schema).boundary_usage_stats,
        \(schema).analytics_client_applications, \(schema).analytics_client_instances,
        \(schema).analytics_telemetry, \(schema).analytics_telemetry_outbox,
        \(schema).analytics_telemetry_deployments, \(schema).analytics_telemetry_snapshots
        TO \(identifier: role);
    GRANT EXECUTE ON FUNCTION \(schema).analytics_key(bytea, uuid),
        \(schema).analytics_key_used(uuid), \(schema).analytics_has_keys(),
        \(schema).analytics_rolling_up(), \(schema).analytics_lost_days()
        TO \(identifier: role);
    GRANT SELECT ON \(schema).analytics_migrations TO \(identifier: role)
    """
  }
}

extension SQL {
  /// Grants SELECT on the views of the rollups to all roles that may read the list of rollups.
  /// `search_path` has to name the schema.
  static let grantRollups: SQL = """
    DO $do$
    DECLARE
        right_ record;
    BEGIN
        FOR right_ IN
            SELECT part.oid::regclass AS name, grantee.rolname
            FROM pg_catalog.pg_class AS list, aclexplode(list.relacl) AS acl
            JOIN pg_catalog.pg_roles AS grantee ON grantee.oid = acl.grantee
            CROSS JOIN pg_catalog.pg_class AS part
            WHERE list.oid = 'analytics_rollups'::regclass AND acl.privilege_type = 'SELECT'
              AND acl.grantee <> list.relowner
              AND part.relnamespace = list.relnamespace AND part.relkind = 'v'
              AND (starts_with(part.relname, 'analytics_')
                   OR part.relname = 'stat_environment_updates')
        LOOP
            EXECUTE format('GRANT SELECT ON %s TO %I', right_.name, right_.rolname);
            -- The views call these functions. PostgreSQL checks EXECUTE for the role that reads the view.
            EXECUTE format('GRANT EXECUTE ON FUNCTION analytics_pending_rows(text, text), '
                           'analytics_pending_users(), analytics_pending_members() TO %I', right_.rolname);
        END LOOP;
    END
    $do$
    """
}

extension StoreError {
  fileprivate static let rolesBeforeTables = Self(
    .outOfOrder,
    "the roles cannot be granted rights, since the tables are missing: run "
      + "`analytics migrate pre` first; nothing was changed")
}
