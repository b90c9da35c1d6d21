internal import AnalyticsPostgres
internal import AnalyticsText

// The owner is who owns `analytics_migrations`: no record could differ from that.

extension Migrator {
  /// Makes a role the one that owns the tables and functions, those to come and those that are there.
  ///
  /// From then on ``apply(_:)`` and ``Maintenance`` work as this role, whoever logs in; a login has to
  /// be a member of it. Where it is missing it is made, without a password and, except on
  /// TimescaleDB, without LOGIN. Again it does the same.
  ///
  /// - Returns: `mustBeCreated`, and nothing was changed, where this login may not do all of it.
  @discardableResult
  public func setOwner(_ role: String) async throws(MigrationError) -> AnalyticsRoles.Outcome {
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
    let steps = try await ownerSteps(role, hasLogin: hasLogin)
    do {
      try await connection.transaction { _ in
        for step in steps { try await connection.execute(step) }
        // Without the right to grant, GRANT may do nothing and only warn.
        guard try await ownerSteps(role, hasLogin: hasLogin).isEmpty else {
          throw PostgresError(.server(.insufficientPrivilege), "not all was granted")
        }
        try await connection.execute("SET LOCAL ROLE \(SQLText.identifier(role))")
        try await prepare()
      }
      return .granted
    } catch let error as PostgresError
      where error.sqlState == .insufficientPrivilege && !steps.isEmpty
    {
      return .mustBeCreated(sql: steps.map { $0 + ";" }.joined(separator: "\n"))
    }
  }

  /// The statements that are missing before all is the role's.
  private func ownerSteps(_ role: String, hasLogin: Bool) async throws -> [String] {
    let parameters: [PostgresParameter] = [.text(role), .text(schema.quoted)]
    var rows = try await connection.query(
      Statement.ownerSteps.text, parameters + [.bool(hasLogin)]
    ).map { row in try row.decode(String.self, at: 0) }
    if let place = try await EnginePlace.read(schema, on: connection), place.engine == .timescale {
      let jobs = Statement.ownerJobSteps.text
        .filling(["extension": place.extensionSchema ?? "public"])
      rows += try await connection.query(jobs, parameters)
        .map { row in try row.decode(String.self, at: 0) }
    }
    return rows
  }
}

extension PostgresConnection {
  /// Works from here on as the role that owns the tables, if they are there, so that nothing new
  /// belongs to whoever logged in.
  func workAsOwner(of schema: SchemaName) async throws(PostgresError) {
    do {
      _ = try await query(Statement.workAsOwner.text, [.text(schema.name)])
    } catch {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      var error = error
      error.summary += ", which owns the tables"
      throw error
    }
  }
}
