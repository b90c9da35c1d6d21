import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

/// The oracle is the test's own log of acknowledged events.
@Suite("Rolling up under stress", .timeLimit(.minutes(60)))
struct RollingUpUnderFireTests {
  @Test("no read counts an event twice or misses one while calls are cancelled or disconnected")
  func kills() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let fire = Fire(store: store, seed: seed, sink: try await store.sink())
      try await fire.whileRollingUp { try await fire.writeRecent() }
      #expect(fire.log.cut > 0)
      for _ in 0..<2 {
        try await fire.expectAll()
        try await store.connection.rollUp()
      }
    }
  }

  /// Meanwhile retention drops the raw events of forty days ago, five people are erased, and an application's own
  /// rollup is defined and then replaced by a new version.
  @Test(
    "no read miscounts events during erasure, retention and a new rollup, even without raw events")
  func everything() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let fire = Fire(store: store, seed: seed, sink: try await store.sink())
      let erasedUsers = try await fire.writeEventsOfErasedUsers()
      try await fire.writeOld()
      try await fire.whileRollingUp {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await fire.writeRecent() }
          group.addTask {
            for user in erasedUsers {
              try await fire.inTheEnd { _ = try await store.erasure.erase(user) }
            }
          }
          group.addTask { try await fire.dropOld() }
          group.addTask { for version in 1...2 { try await fire.define(version) } }
          try await group.waitForAll()
        }
      }
      #expect(fire.log.cut > 0)
      let gone: Int = try await store.scalar(
        "SELECT count(*) FROM analytics_events WHERE timestamp < now() - interval '31 days'")
      #expect(gone == 0)
      for _ in 0..<2 {
        try await fire.expectAll()
        let known: [UUID] = try await store.connection.query(
          "SELECT user_id FROM analytics_users ORDER BY 1" as SQL
        ).values()
        #expect(
          Set(known) == fire.log.users.subtracting(erasedUsers), "seed \(seed)")
        let counted: Int = try await store.scalar(
          "SELECT sum(n)::int8 FROM analytics_rollup_share WHERE quarter > now() - interval '30 days'"
        )
        #expect(counted == fire.log.recent, "seed \(seed)")
        try await store.connection.rollUp()
      }
    }
  }
}

/// The concurrent operations, and the log of acknowledged events.
private struct Fire {
  let store: StoreFixture
  let seed: UInt64
  let sink: PostgresEventSink
  let log = Log()

  final class Log: Sendable {
    private struct State {
      var byDayAndType: [String: Int] = [:]
      var users: Set<UUID> = []
      var recent = 0
      var cut = 0
      var isOver = false
    }
    private let state = Mutex(State())

    /// The acknowledged events by UTC day and type.
    var byDayAndType: [String: Int] { state.withLock { $0.byDayAndType } }
    var total: Int { byDayAndType.values.reduce(0, +) }
    /// The users of acknowledged events.
    var users: Set<UUID> { state.withLock { $0.users } }
    /// The number of events of the last days.
    var recent: Int { state.withLock { $0.recent } }
    /// How many calls of rolling up were cancelled or disconnected.
    var cut: Int { state.withLock { $0.cut } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func add(_ events: [EnrichedEvent], areRecent: Bool) throws {
      let stored = try events.map { try $0.stored }
      state.withLock { state in
        for event in stored {
          let day = event.timestamp.microsecondsSinceUnixEpoch / 86_400_000_000
          state.byDayAndType["\(day) \(event.type)", default: 0] += 1
          if let user = event.userID { state.users.insert(user) }
        }
        if areRecent { state.recent += events.count }
      }
    }
    func cut(_ count: Int) { state.withLock { $0.cut += count } }
    func end() { state.withLock { $0.isOver = true } }
  }

  // MARK: - Writing

  /// Runs two writers of events of the last three days.
  func writeRecent() async throws {
    try await withThrowingTaskGroup(of: Void.self) { writers in
      for writer in 0..<2 {
        writers.addTask {
          for batch in 0..<60 {
            try await write(25, daysAgo: 0, seed: seed &+ UInt64(1000 * writer + batch))
          }
        }
      }
      try await writers.waitForAll()
    }
  }

  func writeOld() async throws {
    for batch in 0..<4 { try await write(50, daysAgo: 40, seed: seed &+ UInt64(5000 + batch)) }
  }

  /// Writes old and recent events of five users who have no other events.
  ///
  /// - Returns: The users, whom the test erases.
  func writeEventsOfErasedUsers() async throws -> [UUID] {
    var erasedUsers: Set<UUID> = []
    for (batch, days) in [40, 0].enumerated() {
      let events = try await write(
        20, daysAgo: days, seed: seed &+ 6000, ids: UInt64(batch), users: 5)
      erasedUsers.formUnion(try events.compactMap { try $0.stored.userID })
    }
    return Array(erasedUsers)
  }

  @discardableResult
  private func write(
    _ count: Int, daysAgo: Int, seed: UInt64, ids: UInt64 = 0, users: Int = 40
  ) async throws -> [EnrichedEvent] {
    var generator = RollupEvents(seed: seed, users: users)
    let days: Int64 = 3
    let end = RollupEvents.start + days * 86_400_000_000
    let newest = Int64(Date().timeIntervalSince1970 * 1_000_000) - Int64(daysAgo) * 86_400_000_000
    let events = generator.events(count, days: Int(days)).map { event in
      EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: event.timestamp.microsecondsSinceUnixEpoch - end + newest),
        event: event.event, hostname: nil, environment: event.environment)
    }
    var random = SeededGenerator(seed: seed &+ 7 &+ ids)
    _ = try await sink.writeInTheEnd(
      try EventBatch.encoding(events, ids: events.map { _ in random.uuid() }))
    try log.add(events, areRecent: daysAgo == 0)
    return events
  }

  // MARK: - Concurrent operations

  /// Runs `body` while two callers roll up in small steps, another cancels or terminates them, and another compares all
  /// figures with the events.
  func whileRollingUp(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<2 {
        group.addTask {
          var random = SeededGenerator(seed: seed &+ 100 &+ UInt64(caller))
          while !log.isOver {
            // A call may be ended in any way, so the next one uses a new connection.
            try? await PostgresConnection.withConnection(to: store.configuration) { connection in
              try await connection.rollUp(eventsMax: Int.random(in: 5...200, using: &random))
            }
          }
        }
      }
      group.addTask { try await endCalls() }
      group.addTask { while !log.isOver { try await look() } }
      group.addTask {
        defer { log.end() }
        try await body()
      }
      try await group.waitForAll()
    }
  }

  private func endCalls() async throws {
    var random = SeededGenerator(seed: seed &+ 200)
    try await PostgresConnection.withConnection(to: store.configuration) { connection in
      while !log.isOver {
        let end = Bool.random(using: &random) ? "pg_terminate_backend" : "pg_cancel_backend"
        let cut = try await connection.query(
          """
          SELECT \(end)(pid), pg_sleep(0.003 * \(Int.random(in: 0...9, using: &random)))
          FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
            AND query LIKE 'SELECT %is_done%FROM %analytics_roll_up(%' AND random() < 0.3
          """)
        log.cut(cut.count)
      }
    }
  }

  /// Several reads in one snapshot. Each must return all acknowledged events.
  private func look() async throws {
    let least = log.total
    let differences = try await store.rollups.verify()
    #expect(differences == [], "seed \(seed)")
    let counted = try await PostgresConnection.withConnection(to: store.configuration) {
      try await $0.query(
        "SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events_daily" as SQL
      ).value() as Int
    }
    #expect(counted >= least, "seed \(seed)")
  }

  /// Runs retention until it is done. A later run drops partitions that other sessions use.
  func dropOld() async throws {
    let maintenance = Maintenance(
      AnalyticsDatabase(store.configuration), options: MaintenanceOptions(keepDays: 30))
    var isDone = false
    while !isDone {
      try await inTheEnd { isDone = try await maintenance.run().waiting.isEmpty }
    }
  }

  /// Defines an application's own rollup of all events.
  func define(_ version: Int) async throws {
    let dimensions = [Dimension("service", .service), Dimension("user", .userID)].prefix(version)
    let rollup = Rollup(
      "share", version: version, of: [], by: Array(dimensions),
      measures: [Measure("n", .count), Measure("users", .distinct(.userID))])
    try await inTheEnd {
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [rollup], lockTimeout: .seconds(300)
      ).apply()
    }
    try await inTheEnd { try await store.rollups.refresh() }
  }

  /// Repeats `body` if it was cancelled or disconnected while it rolled up, or if other sessions held its locks too
  /// long.
  func inTheEnd(_ body: () async throws -> Void) async throws {
    while true {
      do {
        return try await body()
      } catch {
        let store = error as? StoreError
        let cause = (store?.cause ?? error) as? PostgresError
        let wasEnded =
          [.queryCanceled, .adminShutdown].contains(cause?.sqlState)
          || [.connectionClosed, .connectionLost].contains(cause?.code)
        guard wasEnded || store?.code == .busy else { throw error }
      }
    }
  }

  // MARK: - Final checks

  /// Compares all figures with the log, also those of days without raw events.
  func expectAll() async throws {
    var counted: [String: Int] = [:]
    for row in try await store.connection.query(
      """
      SELECT (extract(epoch FROM day) / 86400)::int8 || ' ' || event_type, sum(events)::int8
      FROM analytics_rollup_events_daily GROUP BY 1
      """ as SQL)
    {
      counted[try row.decode(String.self, at: 0)] = try row.decode(Int.self, at: 1)
    }
    #expect(counted == log.byDayAndType, "seed \(seed)")
    #expect(try await store.rollups.verify() == [], "seed \(seed)")
  }
}
