import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

/// These tests restart their server and change its settings, so each has a server of its own.
@Suite("The sink when the server is unavailable")
struct SinkServerTests {
  private func withServer(_ body: (LocalPostgres, StoreFixture) async throws -> Void) async throws {
    let server = try await LocalPostgres.startTemporary(settings: SharedTestServer.settings)
    do {
      try await withStore(url: server.url(database: "postgres")) { try await body(server, $0) }
    } catch {
      try? await server.stop(.immediate)
      throw error
    }
    try await server.stop(.immediate)
  }

  @Test("a restart fails one attempt, but no event is lost")
  func restart() async throws {
    try await withServer { server, store in
      var generator = SystemRandomNumberGenerator()
      let sink = try await store.sink()
      var all: Set<KeyedEvent> = []
      for round in 0..<6 {
        let events = KeyedEvent.random(20, using: &generator)
        #expect(try await sink.writeInTheEnd(.of(events)) == EventReceipt(stored: 20))
        all.formUnion(events)
        if round % 2 == 0 { try await server.restart(round == 0 ? .fast : .immediate) }
      }
      try await withStore(url: server.url(database: "postgres")) { again async throws in
        #expect(try await again.eventCount() == all.count)
      }
    }
  }

  @Test(
    "if a connection is cut after COMMIT took effect, the retry counts only its new rows as stored")
  func cutAfter() async throws {
    try await withServer { _, store in
      var generator = SystemRandomNumberGenerator()
      let old = KeyedEvent.random(15, using: &generator)
      let sink = try await store.sink()
      #expect(try await sink.write(.of(old)).stored == 15)
      // The first batch is stored by COPY. The second one has rows that are stored already, so it is stored by the
      // ordered insert.
      for known in [[], Array(old.prefix(4))] {
        let events = known + KeyedEvent.random(30, using: &generator)
        let error = try await Self.losingTheAnswer(on: store) {
          await sinkError(sink, try .of(events))
        }
        #expect(error?.kind == .retry)
        #expect(error?.outcomeUnknown == true)
        let receipt = try await sink.write(.of(events).asRetryOfUnknownOutcome)
        #expect(receipt == EventReceipt(stored: 30, duplicates: known.count))
        // The outcome of the batch is settled: a further attempt counts its rows as duplicates.
        #expect(try await sink.write(.of(events)).stored == 0)
      }
      #expect(try await store.eventCount() == 75)
    }
  }

  @Test("a committed batch that is retried in other pieces is counted exactly")
  func cutAfterAndCutElsewhere() async throws {
    try await withServer { _, store in
      var generator = SystemRandomNumberGenerator()
      let old = KeyedEvent.random(5, using: &generator)
      let events = old + KeyedEvent.random(35, using: &generator)
      let sink = try await store.sink()
      _ = try await sink.write(.of(old))
      _ = try await Self.losingTheAnswer(on: store) { await sinkError(sink, try .of(events)) }
      var stored = 0
      for start in stride(from: 0, to: 40, by: 9) {
        let piece = Array(events[start..<min(start + 9, 40)])
        stored += try await sink.write(.of(piece).asRetryOfUnknownOutcome).stored
      }
      #expect(stored == 35)
      #expect(try await store.eventCount() == 40)
    }
  }

  /// Runs `body` and hides the server's answer to COMMIT. COMMIT has taken effect on this server, and waits for a
  /// standby that does not exist. Then its connection is cut.
  private static func losingTheAnswer(
    on store: StoreFixture, _ body: @escaping @Sendable () async throws -> EventSinkError?
  ) async throws -> EventSinkError? {
    // No other session may commit meanwhile.
    try await store.connection.blockRollingUp()
    try await setStandby("nobody", on: store)
    // The checkpointer applies the setting with a delay. After that, commits wait.
    let probe = try await PostgresConnection.connect(store.configuration)
    try await probe.execute("SET synchronous_commit = on")
    try await cut(store) {
      do {
        while true { try await probe.execute("SELECT pg_logical_emit_message(true, '', '')") }
      } catch {
        await probe.close()
      }
    }
    let error = try await cut(store, body)
    try await setStandby("", on: store)
    try await store.connection.allowRollingUp()
    return error
  }

  private static func setStandby(_ name: String, on store: StoreFixture) async throws {
    try await store.connection.execute("ALTER SYSTEM SET synchronous_standby_names = '\(name)'")
    _ = try await store.connection.query("SELECT pg_reload_conf()")
  }

  /// Cuts the connection whose COMMIT waits while `body` runs.
  private static func cut<Result: Sendable>(
    _ store: StoreFixture, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    async let result = body()
    var wasCut = false
    while !wasCut {
      wasCut = try await store.scalar(
        """
        SELECT coalesce(bool_or(pg_terminate_backend(pid, 10000)), false)
        FROM pg_stat_activity WHERE wait_event = 'SyncRep'
        """)
    }
    return try await result
  }
}
