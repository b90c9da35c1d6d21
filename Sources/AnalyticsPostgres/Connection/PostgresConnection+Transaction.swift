internal import CAnalyticsPQ

/// The isolation level of a transaction.
package enum PostgresIsolation: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
}

extension PostgresConnection {
  /// Runs `body` between BEGIN and COMMIT, and rolls back if it throws.
  ///
  /// `body` runs in the caller's isolation. It has to run its statements on the connection that it
  /// gets, and must not open another transaction. Defaults of the database or the role are
  /// overridden if they would end a statement before its deadline, or change how its text is
  /// parsed.
  ///
  /// - Parameters:
  ///   - provesEarlier: Whether COMMIT waits for the disk and the standby even if `body` changed
  ///     nothing; by default the server does not wait then. Set it if `body` may find that its work
  ///     was done by an earlier transaction, which may not have waited itself.
  ///   - deadline: The deadline for BEGIN and for COMMIT, each on its own.
  /// - Throws: The error of `body`, or a `PostgresError`. Its `outcomeUnknown` is true if, after
  ///   COMMIT was sent, the connection was lost, the call was interrupted, or the server stopped
  ///   waiting for its standby. Then the transaction may have been committed. Any other error means
  ///   that nothing was.
  package nonisolated func transaction<Result>(
    isolation: PostgresIsolation? = nil, readOnly: Bool = false, provesEarlier: Bool = false,
    deadline: Duration? = nil, _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await begin(isolation: isolation, readOnly: readOnly, deadline: deadline)
    let result: Result
    do {
      result = try await body(self)
      // This record follows all earlier commits in the log, so when it is durable, they are too.
      if provesEarlier {
        _ = try await query("SELECT pg_logical_emit_message(true, 'analytics', '')")
      }
    } catch {
      await rollback()
      throw error
    }
    do {
      try await commit(deadline: deadline)
    } catch {
      await rollback()
      throw error
    }
    return result
  }

  private func begin(
    isolation: PostgresIsolation?, readOnly: Bool, deadline: Duration?
  ) async throws(PostgresError) {
    guard !isInTransaction else {
      throw PostgresError(
        .protocolViolation, "a transaction is open already on this connection",
        destination: destination)
    }
    var statement: SQL = "BEGIN"
    if let isolation { statement += SQL(verbatim: " ISOLATION LEVEL \(isolation.rawValue)") }
    if readOnly { statement += " READ ONLY" }
    statement += "; SET LOCAL statement_timeout = 0; SET LOCAL standard_conforming_strings = on"
    try await execute(statement, deadline: deadline)
  }

  private func commit(deadline: Duration?) async throws(PostgresError) {
    let tag = try await call(
      within: deadline, canCommit: true
    ) { session throws(PostgresError) in
      try session.sent(PQsendQuery(session.handle, "COMMIT"))
      let tag = try session.finishWithoutCopy()?.commandTag
      // Checked even after a normal answer, since not every server reports that it stopped waiting
      // for its standby.
      if var error = session.interruption?.error(destination: destination) {
        error.outcomeUnknown = true
        throw error
      }
      return tag
    }
    // COMMIT of a transaction in which a statement failed succeeds, but rolls back.
    guard tag == "COMMIT" else {
      throw PostgresError(
        .protocolViolation,
        "the transaction was rolled back since one of its statements had failed",
        destination: destination)
    }
  }

  /// Rolls back, also in a cancelled task. If that fails, the connection is closed, and the server
  /// rolls back.
  private func rollback() async {
    guard isInTransaction else { return }
    do throws(PostgresError) {
      try await call(within: Self.cleanUpDeadline, ignoresCancellation: true) {
        session throws(PostgresError) in
        try session.sent(PQsendQuery(session.handle, "ROLLBACK"))
        _ = try session.finishWithoutCopy()
      }
    } catch {
      close()
    }
  }

  /// The time limit for cleaning up, after which the connection is closed instead.
  static let cleanUpDeadline: Duration = .seconds(5)
}
