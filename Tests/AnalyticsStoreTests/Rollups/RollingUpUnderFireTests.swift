import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@Suite("Rolling up under fire", .timeLimit(.minutes(30)))
struct RollingUpUnderFireTests {
  private final class Log: Sendable {
    /// By type.
    private let acknowledged = Mutex<[String: Int]>([:])
    private let ended = Mutex(0)
    private let over = Mutex(false)

    var isOver: Bool { over.withLock { $0 } }
    var byType: [String: Int] { acknowledged.withLock { $0 } }
    var total: Int { byType.values.reduce(0, +) }

    func add(_ types: [String]) {
      acknowledged.withLock { for type in types { $0[type, default: 0] += 1 } }
    }
    /// How many calls of rolling up were cancelled or cut off.
    var cut: Int { ended.withLock { $0 } }
    func cut(_ count: Int) { ended.withLock { $0 += count } }
    func end() { over.withLock { $0 = true } }
  }

  /// The oracle is the test's own log of what it was told is stored.
  @Test("cancelled and cut off at any point, no look sees an event twice, and none is missing")
  func kills() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      let log = Log()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<2 {
          group.addTask {
            var random = SeededGenerator(seed: seed &+ 100 &+ UInt64(caller))
            while !log.isOver {
              // Whatever ends a call, the next one is on a new connection.
              try? await PostgresConnection.withConnection(to: store.configuration) { connection in
                try await connection.rollUp(eventsMax: Int.random(in: 5...200, using: &random))
              }
            }
          }
        }
        group.addTask {
          var random = SeededGenerator(seed: seed &+ 200)
          try await PostgresConnection.withConnection(to: store.configuration) { connection in
            while !log.isOver {
              let end = Bool.random(using: &random) ? "pg_terminate_backend" : "pg_cancel_backend"
              let cut = try await connection.query(
                """
                SELECT \(end)(pid), pg_sleep(0.003 * \(Int.random(in: 0...9, using: &random)))
                FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
                  AND query LIKE 'SELECT %is_done%FROM %analytics_roll_up(%'
                """)
              log.cut(cut.count)
            }
          }
        }
        group.addTask {
          // Several looks in one snapshot, each of all there is.
          while !log.isOver {
            let least = log.total
            #expect(try await store.rollups.verify() == [], "seed \(seed)")
            let counted = try await PostgresConnection.withConnection(to: store.configuration) {
              try await $0.query(
                "SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events_daily" as SQL
              ).value() as Int
            }
            #expect(counted >= least, "seed \(seed)")
          }
        }
        try await withThrowingTaskGroup(of: Void.self) { writers in
          for writer in 0..<2 {
            writers.addTask {
              var generator = RollupEvents(seed: seed &+ UInt64(writer))
              for _ in 0..<60 {
                let events = generator.events(25)
                _ = try await sink.writeInTheEnd(
                  try EventBatch.encoding(events, ids: generator.ids(25)))
                let types = try events.map { try $0.stored.type }
                log.add(types)
              }
            }
          }
          try await writers.waitForAll()
        }
        log.end()
        try await group.waitForAll()
      }
      #expect(log.cut > 0)
      for _ in 0..<2 {
        var counted: [String: Int] = [:]
        for row in try await store.connection.query(
          "SELECT event_type, sum(events)::int8 FROM analytics_rollup_events GROUP BY 1" as SQL)
        {
          counted[try row.decode(String.self, at: 0)] = try row.decode(Int.self, at: 1)
        }
        #expect(counted == log.byType, "seed \(seed)")
        try await store.connection.rollUp()
      }
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
    }
  }
}
