internal import AnalyticsConnections
internal import AnalyticsPostgres

// The owner is the role that owns `analytics_migrations`. There is no other record, so none can
// disagree with it.

extension Migrator {
  /// Makes a role the owner of all tables and functions, those that exist and those to come.
  ///
  /// From then on ``apply(_:)`` and ``Maintenance`` work as this role, whichever login they use.
  /// The login has to be a member of it. A missing role is created without a password and, except
  /// on TimescaleDB, without LOGIN. Calling this again has the same result.
  ///
  /// - Returns: `mustBeCreated` if this login may not do all of it. Then nothing was changed.
  @discardableResult
  public func setOwner(_ role: String) async throws(StoreError) -> AnalyticsRoles.Outcome {
    try await connected { session in
      try await session.connection.withAdvisoryLock(Self.lockKey, timeout: lockTimeout) {
        try await session.requireUnicode()
        let hasLogin = try await EngineSelection(session: session, choice: engine, logger: logger)
          .needsOwnerWithLogin()
        return try await session.setOwner(role, hasLogin: hasLogin)
      }
    }
  }
}

extension MigrationSession {
  fileprivate func setOwner(
    _ role: String, hasLogin: Bool
  ) async throws -> AnalyticsRoles.Outcome {
    // Storing and rolling up lock the same tables in other orders, so deadlocks are possible.
    try await tryingAgain(attempts: 5) { _ in
      try await setOwnerOnce(role, hasLogin: hasLogin)
    }
  }

  private func setOwnerOnce(
    _ role: String, hasLogin: Bool
  ) async throws -> AnalyticsRoles.Outcome {
    let steps = try await ownerSteps(role, hasLogin: hasLogin)
    do {
      try await connection.transaction { _ in
        for step in steps { try await connection.execute(SQL(verbatim: step)) }
        // If the login may not grant a right, GRANT may only warn and do nothing.
        guard try await ownerSteps(role, hasLogin: hasLogin).isEmpty else {
          throw PostgresError(.server(.insufficientPrivilege), "not all rights were granted")
        }
        try await connection.execute("SET LOCAL ROLE \(identifier: role)")
        try await prepare()
      }
      return .granted
    } catch let error as PostgresError
      where error.sqlState == .insufficientPrivilege && !steps.isEmpty
    {
      return .mustBeCreated(sql: steps.map { $0 + ";" }.joined(separator: "\n"))
    }
  }

  /// Returns the statements that are still needed to make the role the owner of everything in the
  /// schema that belongs to this package, in order. The server composes them.
  private func ownerSteps(_ role: String, hasLogin: Bool) async throws -> [String] {
    var steps: [String] = try await connection.query(
      """
      SELECT step FROM (\(missingSteps(role, hasLogin: hasLogin))) AS steps (place, step)
      ORDER BY place, step
      """
    ).values()
    if let location = try await EngineLocation.read(schema, on: connection),
      location.engine == .timescale
    {
      steps += try await connection.query(ownerJobSteps(role, location)).values()
    }
    return steps
  }

  /// The role gets its rights on the schema with the grant option, so that it can grant them to the
  /// writer and the reader. From PostgreSQL 16 on, not every member of a role may SET ROLE.
  private func missingSteps(_ role: String, hasLogin: Bool) -> SQL {
    """
    WITH asked AS (
        SELECT \(role) AS name, \(schema.quoted) AS schema, \(hasLogin) AS has_login
    ), owner AS (
        SELECT asked.*, to_regnamespace(schema) AS home,
               (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = name) AS oid,
               CASE WHEN current_setting('server_version_num')::integer < 160000
                    THEN 'MEMBER' ELSE 'SET' END AS membership
        FROM asked
    )
    SELECT steps.* FROM owner CROSS JOIN LATERAL (
        SELECT 1, format('CREATE ROLE %I %s', name, CASE WHEN has_login THEN 'LOGIN' ELSE 'NOLOGIN' END)
        WHERE owner.oid IS NULL
        UNION ALL
        SELECT 1, format('ALTER ROLE %I LOGIN', name)
        FROM pg_catalog.pg_roles AS r WHERE r.oid = owner.oid AND has_login AND NOT rolcanlogin
        UNION ALL
        SELECT 2, format('GRANT %I TO %I', name, session_user)
        FROM pg_catalog.pg_roles
        WHERE rolname = session_user AND NOT rolsuper
          AND pg_has_role(session_user, owner.oid, membership) IS NOT TRUE
        UNION ALL
        SELECT 3, format('CREATE SCHEMA %s AUTHORIZATION %I', schema, name) WHERE home IS NULL
        UNION ALL
        SELECT 3, format('GRANT ALL ON SCHEMA %s TO %I WITH GRANT OPTION', schema, name)
        WHERE home IS NOT NULL
          AND (has_schema_privilege(owner.oid, home, 'USAGE WITH GRANT OPTION')
               AND has_schema_privilege(owner.oid, home, 'CREATE')) IS NOT TRUE
        UNION ALL
        SELECT 4, format('ALTER TABLE %s.%I OWNER TO %I', schema, relname, name)
        FROM pg_catalog.pg_class
        WHERE relnamespace = home
          -- Other sequences go with their tables.
          AND (relkind IN ('r', 'p', 'v', 'm') OR relkind = 'S' AND relname = 'analytics_batches')
          AND (starts_with(relname, 'analytics_')
               OR relname IN ('stat_environment_updates', 'telemetry_locks', 'usage_summary',
                              'usage_figures', 'boundary_usage_summary', 'boundary_usage_stats'))
          AND relowner IS DISTINCT FROM owner.oid
        UNION ALL
        SELECT 4, format('ALTER ROUTINE %s.%I(%s) OWNER TO %I', schema, proname,
                         pg_get_function_identity_arguments(p.oid), name)
        FROM pg_catalog.pg_proc AS p
        WHERE pronamespace = home AND starts_with(proname, 'analytics_')
          AND proowner IS DISTINCT FROM owner.oid
    ) AS steps
    """
  }

  /// Returns statements for the retention job. TimescaleDB has no statement that changes a job's
  /// owner, so the job is deleted and created again.
  private func ownerJobSteps(_ role: String, _ location: EngineLocation) -> SQL {
    """
    SELECT format('SELECT %1$I.delete_job(%2$s); SET ROLE %3$I; '
                  'SELECT %1$I.add_job(%4$L, %5$L, config => %6$L, initial_start => %7$L, '
                  'scheduled => %8$L); RESET ROLE',
                  \(location.extensionSchema), job_id, \(role),
                  format('%s.%I', \(schema.quoted), proc_name), schedule_interval, config,
                  greatest(next_start, now()), scheduled)
    FROM timescaledb_information.jobs
    WHERE to_regnamespace(quote_ident(proc_schema)) = to_regnamespace(\(schema.quoted))
      AND proc_name = 'analytics_retention_job' AND pg_get_userbyid(owner) <> \(role)
    """
  }
}

extension PostgresConnection {
  /// Makes the session work as the role that owns the tables, if there are any, so that new objects
  /// do not belong to the login.
  func workAsOwner(of schema: SchemaName) async throws(PostgresError) {
    do {
      // The same as SET ROLE, with the owner taken from PostgreSQL's system catalogue, since this
      // login may not have access to the schema yet.
      _ = try await query(
        """
        SELECT set_config('role', pg_get_userbyid(relowner), false)
        FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace AS home ON home.oid = relnamespace
        WHERE relname = 'analytics_migrations' AND nspname = \(schema.name)
        """)
    } catch {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      var error = error
      error.summary += ", which owns the tables"
      throw error
    }
  }
}
