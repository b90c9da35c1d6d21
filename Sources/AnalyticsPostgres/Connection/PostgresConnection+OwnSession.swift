extension PostgresConnection {
  /// Makes sure that all statements of this connection reach one session of the server, which is
  /// what a session's lock or setting needs.
  ///
  /// A pooler gives its clients process numbers of its own making. Whether it lends sessions for a
  /// whole connection or for a transaction, a second connection shows: it is lent the session of
  /// the first while that rests, or the first finds itself in another.
  ///
  /// - Throws: `sharedSession`.
  package nonisolated func requireOwnSession() async throws(PostgresError) {
    let process = try await backendProcessID()
    if process == (await serverProcessID) { return }
    let shared = PostgresError(
      .sharedSession,
      "a connection pooler gives each transaction another session of the server",
      destination: destination)
    let other = try await Self.connect(configuration)
    do throws(PostgresError) {
      let otherProcess = try await other.backendProcessID()
      // Not strictly by turns: a pooler that lends by turns would pass for one that does not.
      for isOther in [true, false, false, true, false, true, true, false] {
        let now =
          isOther ? try await other.backendProcessID() : try await backendProcessID()
        let isOwn = isOther ? now == otherProcess : now == process
        guard isOwn, process != otherProcess else { throw shared }
      }
      await other.close()
    } catch {
      await other.close()
      throw error.code == .timedOut ? shared : error
    }
  }

  /// As a transaction has it, for all that this session does from now on: see
  /// ``transaction(isolation:readOnly:provesEarlier:deadline:_:)``.
  ///
  /// - Throws: `sharedSession`.
  package nonisolated func ignoreSessionDefaults() async throws(PostgresError) {
    try await requireOwnSession()
    try await execute("SET statement_timeout = 0; SET standard_conforming_strings = on")
  }

  /// The process of the server that runs this very statement.
  private func backendProcessID() async throws(PostgresError) -> Int32 {
    try await query("SELECT pg_backend_pid()", deadline: .seconds(10)).only().decode(at: 0)
  }
}
