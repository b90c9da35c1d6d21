internal import CAnalyticsPQ

/// How much a transaction sees of others.
package enum PostgresIsolation: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  case serializable = "SERIALIZABLE"
}

extension PostgresConnection {
  /// Runs `body` between BEGIN and COMMIT; rolls back when it throws.
  ///
  /// `body` runs where the caller runs. It must do its statements on the connection that it is
  /// given, and must not open a transaction inside. What database or role set for their sessions is not
  /// obeyed where it would end a statement before its deadline here, or change how its text is read.
  ///
  /// - Parameters:
  ///   - provesEarlier: Whether COMMIT waits for disk and standby also where `body` changed nothing,
  ///     as a server otherwise would not. For what takes that it was done before as done: whoever did
  ///     it may not have waited.
  ///   - deadline: For BEGIN and for COMMIT each, as for any call.
  /// - Throws: What `body` throws, or a `PostgresError`. When the connection was lost, the call
  ///   interrupted, or a standby no longer waited for, after COMMIT was sent, its `outcomeUnknown` is
  ///   true: the transaction may have been committed. In all other cases an error means that nothing
  ///   was.
  package nonisolated func transaction<Result>(
    isolation: PostgresIsolation? = nil, readOnly: Bool = false, provesEarlier: Bool = false,
    deadline: Duration? = nil, _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await begin(isolation: isolation, readOnly: readOnly, deadline: deadline)
    let result: Result
    do {
      result = try await body(self)
      // In the log it lies behind all that was committed before, so who has it has that too.
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
      // Whatever the answer: not every server may say that it stopped waiting for its standby.
      if var error = session.interruption?.error(destination: destination) {
        error.outcomeUnknown = true
        throw error
      }
      return tag
    }
    // COMMIT of a transaction in which a statement failed succeeds, as a ROLLBACK.
    guard tag == "COMMIT" else {
      throw PostgresError(
        .protocolViolation,
        "the transaction was rolled back since one of its statements had failed",
        destination: destination)
    }
  }

  /// Goes on in a cancelled task. A connection that cannot roll back is closed, which does the
  /// same at the server.
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

  /// How long cleaning up may take before the connection is closed instead.
  static let cleanUpDeadline: Duration = .seconds(5)
}
