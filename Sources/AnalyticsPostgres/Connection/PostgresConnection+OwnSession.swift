extension PostgresConnection {
  /// Verifies that all statements of this connection run in the same server session. Session locks
  /// and settings depend on that.
  ///
  /// A pooler gives its clients process ids of its own. If the process id differs, a second
  /// connection shows whether the pooler lends sessions for a whole connection or for a
  /// transaction. In the latter case, the second connection gets the first one's session while that
  /// is idle, or the first one changes sessions.
  ///
  /// - Throws: `sharedSession` if a pooler shares sessions.
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
      // The order is irregular: with strict alternation, a pooler that lends sessions in turn would
      // not be noticed.
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

  /// Overrides the session defaults that
  /// ``transaction(isolation:readOnly:provesEarlier:deadline:_:)`` overrides, for the rest of this
  /// session.
  ///
  /// - Throws: `sharedSession` if a pooler shares sessions.
  package nonisolated func ignoreSessionDefaults() async throws(PostgresError) {
    try await requireOwnSession()
    try await execute("SET statement_timeout = 0; SET standard_conforming_strings = on")
  }

  /// The id of the server process that runs this statement.
  private func backendProcessID() async throws(PostgresError) -> Int32 {
    try await query("SELECT pg_backend_pid()", deadline: .seconds(10)).only().decode(at: 0)
  }
}
