import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@testable import AnalyticsStore

@Suite("Who stores faster than is rolled up", .timeLimit(.minutes(30)))
struct HoldingBackTests {
  /// Runs a test while more is pending than may be, and nobody can roll up.
  private func withManyPending(
    _ body: (StoreFixture, PostgresEventSink) async throws -> Void
  ) async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.keepFromRollingUp()
      var random = SeededGenerator(seed: SeededGenerator.seed())
      let events = KeyedEvent.random(BackgroundRollUp.pendingMax, using: &random)
      for batch in events.chunks(of: 20_000) { _ = try await sink.write(try .of(batch)) }
      try await body(store, sink)
    }
  }

  @Test("waits until few events are pending, whoever stored them")
  func waits() async throws {
    try await withManyPending { store, sink in
      // It learns from the database how many are pending.
      let other = PostgresEventSink(AnalyticsDatabase(store.configuration))
      _ = try await other.write(.of(KeyedEvent.daysAgo([1])))
      for each in [sink, other] {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            while try await store.pending() >= BackgroundRollUp.pendingMax { await each.catchUp() }
          }
          try await store.untilSomebodyWaitsToRollUp()
          group.cancelAll()
        }
      }
      try await store.connection.letRollUp()
      await sink.catchUp()
      #expect(try await store.pending() < BackgroundRollUp.pendingMax)
    }
  }

  @Test("waits for ten seconds at most, once until a step has ended")
  func givesUp() async throws {
    try await withManyPending { store, _ in
      let clock = ManualClock()
      let rollUp = BackgroundRollUp(AnalyticsDatabase(store.configuration), clock: clock)
      rollUp.wake(for: BackgroundRollUp.pendingMax)
      async let wait: Void = rollUp.untilFewArePending()
      try await store.untilSomebodyWaitsToRollUp()
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(10))
      await wait
      await rollUp.untilFewArePending()
      try await store.connection.letRollUp()
    }
  }

  @Test("waits for nothing where rolling up fails")
  func fails() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.connection.execute("DROP FUNCTION analytics_roll_up(bigint, boolean, bigint)")
      let rollUp = BackgroundRollUp(
        AnalyticsDatabase(store.configuration), clock: ManualClock())
      rollUp.wake(for: BackgroundRollUp.pendingMax)
      for _ in 0..<2 { await rollUp.untilFewArePending() }
    }
  }

  @Test("waits no longer than its task lives, and may wait again")
  func cancelled() async throws {
    try await withManyPending { store, _ in
      let rollUp = BackgroundRollUp(AnalyticsDatabase(store.configuration), clock: ManualClock())
      rollUp.wake(for: BackgroundRollUp.pendingMax)
      let wait = Task { await rollUp.untilFewArePending() }
      try await store.untilSomebodyWaitsToRollUp()
      wait.cancel()
      await wait.value
      async let again: Void = rollUp.untilFewArePending()
      try await store.connection.letRollUp()
      await again
    }
  }
}

extension StoreFixture {
  fileprivate func pending() async throws -> Int {
    try await PostgresConnection.withConnection(to: configuration) { connection in
      try await connection.query("SELECT events FROM analytics_rolling_up()").value()
    }
  }

  /// Waits for a session that waits for its turn to roll up.
  fileprivate func untilSomebodyWaitsToRollUp() async throws {
    while try await scalar(
      """
      SELECT NOT EXISTS (SELECT FROM pg_locks, analytics_roll_up_lock()
                         WHERE locktype = 'advisory' AND NOT granted
                           AND classid::bigint = class_id AND objid::bigint = object_id::oid::bigint)
      """)
    { try Task.checkCancellation() }
  }
}

extension Array {
  fileprivate func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
