extension PostgresConnection {
  /// Takes the session's advisory lock if it is free.
  ///
  /// It stays until it is unlocked or the connection ends, if ``requireOwnSession()`` holds.
  package func tryAdvisoryLock(_ key: Int64) async throws(PostgresError) -> Bool {
    try await query("SELECT pg_try_advisory_lock(\(key))").only().decode(at: 0)
  }

  /// - Returns: Whether the lock was held.
  @discardableResult
  package func unlockAdvisoryLock(_ key: Int64) async throws(PostgresError) -> Bool {
    try await query(Self.unlocking(key)).only().decode(at: 0)
  }

  /// Runs `body` while holding the advisory lock, which at most one session has.
  ///
  /// It is polled for: a statement that waits for a lock holds a snapshot, which would block
  /// `CREATE INDEX CONCURRENTLY` in the session that has the lock.
  ///
  /// - Throws: `lockUnavailable` when the lock stays in other hands for `timeout`; `sharedSession`
  ///   where a pooler's sharing would make nothing of the lock; else what `body` throws.
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

  /// Goes on in a cancelled task; if the server does not answer, closing the connection unlocks.
  private func releaseAdvisoryLock(_ key: Int64) async {
    let (text, parameters) = Self.unlocking(key).numbered
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

  private static func unlocking(_ key: Int64) -> SQL { "SELECT pg_advisory_unlock(\(key))" }
}
