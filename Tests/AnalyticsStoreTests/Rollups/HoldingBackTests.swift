import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@testable import AnalyticsStore

@Suite("Writers that store faster than events are rolled up", .timeLimit(.minutes(60)))
struct HoldingBackTests {
  private let many = BackgroundRollUp.pendingMax
  private let some = BackgroundRollUp.minimumStoredBeforeWait

  /// Runs a test while more events are pending than allowed, and rolling up is blocked.
  private func withManyPending(
    _ body: (StoreFixture, BackgroundRollUp, ManualClock) async throws -> Void
  ) async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.connection.blockRollingUp()
      let others = AnalyticsDatabase(store.configuration)
      let sink = PostgresEventSink(others)
      var random = SeededGenerator(seed: SeededGenerator.seed())
      var events = KeyedEvent.random(many, using: &random)[...]
      while !events.isEmpty {
        _ = try await sink.write(try .of(Array(events.prefix(20_000))))
        events = events.dropFirst(20_000)
      }
      await others.shutDown()
      let clock = ManualClock()
      let rollUp = BackgroundRollUp(AnalyticsDatabase(store.configuration), clock: clock)
      try await body(store, rollUp, clock)
    }
  }

  /// Unblocks rolling up, so that a wait ends.
  private func allowRollingUp(_ store: StoreFixture, _ clock: ManualClock) async throws {
    // One sleeper is the waiting writer, the other is the pause before the next check.
    await clock.waitForSleepers(2)
    try await store.connection.allowRollingUp()
    clock.advance(by: .milliseconds(50))
  }

  @Test("wait until few events are pending, also if other processes stored them")
  func waits() async throws {
    try await withManyPending { store, rollUp, clock in
      rollUp.wake(for: some)
      // The background task has tried to roll up, and pauses.
      await clock.waitForSleepers(1)
      async let wait: Void = rollUp.waitWhileManyArePending()
      try await allowRollingUp(store, clock)
      await wait
      #expect(try await store.scalar("SELECT analytics_count_pending()") < many)
    }
  }

  @Test("do not wait if other processes stored almost all of the events")
  func storedLittle() async throws {
    try await withManyPending { store, rollUp, clock in
      rollUp.wake(for: some - 1)
      await clock.waitForSleepers(1)
      await rollUp.waitWhileManyArePending()
      try await store.connection.allowRollingUp()
    }
  }

  @Test("wait for ten seconds at most, and not again while many events are pending")
  func givesUp() async throws {
    try await withManyPending { store, rollUp, clock in
      rollUp.wake(for: many)
      async let wait: Void = rollUp.waitWhileManyArePending()
      await clock.waitForSleepers(2)
      clock.advance(by: BackgroundRollUp.writerWaitMax)
      await wait
      for _ in 0..<3 {
        rollUp.wake(for: some)
        await rollUp.waitWhileManyArePending()
      }
      try await store.connection.allowRollingUp()
    }
  }

  @Test("stop waiting when the task is cancelled, and may wait again")
  func cancelled() async throws {
    try await withManyPending { store, rollUp, clock in
      rollUp.wake(for: many)
      let wait = Task { await rollUp.waitWhileManyArePending() }
      await clock.waitForSleepers(2)
      wait.cancel()
      await wait.value
      rollUp.wake(for: some)
      async let again: Void = rollUp.waitWhileManyArePending()
      try await allowRollingUp(store, clock)
      await again
    }
  }

  @Test("do not wait if rolling up fails")
  func fails() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.connection.execute("DROP FUNCTION analytics_roll_up(bigint, boolean, bigint)")
      let rollUp = BackgroundRollUp(
        AnalyticsDatabase(store.configuration), clock: ManualClock())
      rollUp.wake(for: many)
      for _ in 0..<2 { await rollUp.waitWhileManyArePending() }
    }
  }

  @Test("keep further events in the spool, and store them as rolling up proceeds")
  func worker() async throws {
    try await withTemporaryDirectory { directory in
      try await withStore { store in
        let client = try AnalyticsClient(
          AnalyticsConfiguration(service: "test", buffer: .durable(directory: directory)),
          sink: try await store.sink())
        try await store.connection.blockRollingUp()
        let (count, event) = (2 * many, SampleEvents.oneOfEach()[0])
        try await withWorker(client) {
          for _ in 0..<count { client.track(event) }
          try await until { client.accounting.stored >= many }
          #expect(client.accounting.pending > 0)
          try await store.connection.allowRollingUp()
          try await until { client.accounting.stored == count }
        }
        #expect(try await store.eventCount() == count)
      }
    }
  }
}
