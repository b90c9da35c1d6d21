extension PostgresConnection {
  /// Takes the session's advisory lock if it is free.
  ///
  /// The lock is held until the connection ends, provided that ``requireOwnSession()`` succeeds.
  package func tryAdvisoryLock(_ key: Int64) async throws(PostgresError) -> Bool {
    try await query("SELECT pg_try_advisory_lock(\(key))").only().decode(at: 0)
  }

  /// Runs `body` while holding an advisory lock, which only one session can hold.
  ///
  /// The lock is polled for. A statement that waits for a lock holds a snapshot, which would block
  /// `CREATE INDEX CONCURRENTLY` in the session that holds the lock.
  ///
  /// - Throws: `lockUnavailable` if another session holds the lock for the whole `timeout`;
  ///   `sharedSession` if a pooler shares sessions between clients, so that the lock would not
  ///   protect anything; or the error of `body`.
  package nonisolated func withAdvisoryLock<Result>(
    _ key: Int64, pollEvery interval: Duration = .milliseconds(100), timeout: Duration,
    clock: any Clock<Duration> = .continuous, _ body: () async throws -> Result
  ) async throws -> Result {
    try await requireOwnSession()
    try await waitForAdvisoryLock(key, interval: interval, timeout: timeout, clock: clock)
    do {
      let result = try await body()
      await releaseAdvisoryLock(key)
      return result
    } catch {
      await releaseAdvisoryLock(key)
      throw error
    }
  }

  private nonisolated func waitForAdvisoryLock(
    _ key: Int64, interval: Duration, timeout: Duration, clock: any Clock<Duration>
  ) async throws {
    var left = timeout
    while try await !tryAdvisoryLock(key) {
      guard left > .zero else {
        throw PostgresError(
          .lockUnavailable, "another session holds the lock", destination: destination)
      }
      let pause = min(interval, left)
      try await clock.sleep(for: pause)
      left -= pause
    }
  }

  /// Releases the lock, also in a cancelled task. If the server does not answer, the connection is
  /// closed, which releases it as well.
  private func releaseAdvisoryLock(_ key: Int64) async {
    let unlocking: SQL = "SELECT pg_advisory_unlock(\(key))"
    let (text, parameters) = unlocking.numbered
    let bound = BoundParameters(parameters)
    do throws(PostgresError) {
      try await call(within: Self.cleanUpDeadline, ignoresCancellation: true) {
        session throws(PostgresError) in
        try session.sent(bound.send(text, on: session.handle))
        _ = try session.finishWithoutCopy()
      }
    } catch {
      close()
    }
  }
}
