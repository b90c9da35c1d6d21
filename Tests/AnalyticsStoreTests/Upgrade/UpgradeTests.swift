import Analytics
import AnalyticsCatalogue
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// `installation_at_017.sql` is a dump (`pg_dump --inserts`, without what psql alone understands) of an installation
/// whose trigger kept the rollups: 300 events, of whose first day retention has dropped the raw ones, and in
/// the schema `before` what its relations said.
@Suite("An installation of before events were pending", .timeLimit(.minutes(30)))
struct UpgradeTests {
  private static let relations = [
    "events": "analytics_rollup_events", "requests": "analytics_rollup_api_requests_daily",
    "days": "analytics_rollup_activity_users",
    "environments": "stat_environment_updates", "errors": "analytics_errors_hourly",
    "active": "analytics_daily_active_users",
  ]

  private func restore(_ store: StoreFixture) async throws {
    let dump = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "installation_at_017.sql")
    let script = try String(contentsOf: dump, encoding: .utf8)
    try await PostgresConnection.withConnection(to: store.configuration) { restoring in
      try await restoring.execute(script)
    }
  }

  @Test("counts what comes also where the rest of a migration fails")
  func halfMigrated() async throws {
    try await withStore { store in
      try await restore(store)
      var changed = Rollup.builtIn[0]
      changed.measures.removeLast()
      let error = await #expect(throws: StoreError.self) {
        try await Migrator(
          AnalyticsDatabase(store.configuration), rollups: [changed], lockTimeout: .seconds(300)
        ).apply()
      }
      #expect(error?.code == .rollup)
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let before = try await store.eventsCounted()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([1, 1])))
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == before + 2)
        try await store.connection.rollUp()
      }
    }
  }

  @Test("keeps its figures, also where raw events are gone, and counts on")
  func figuresStay() async throws {
    try await withStore { store in
      try await restore(store)
      let applied = try await store.migrator(engine: .plain).apply()
      #expect(applied.first?.version == 18)
      let users = "SELECT user_id, first_day FROM"
      let pairs =
        [("\(users) before.users", "\(users) analytics_users")]
        + Self.relations.map { ("SELECT * FROM before.\($0)", "SELECT * FROM \($1)") }
      for (left, right) in pairs + pairs.map({ ($1, $0) }) {
        let differing: Int = try await store.scalar(
          "SELECT count(*) FROM (\(left) EXCEPT ALL \(right)) AS d")
        #expect(differing == 0, "\(left) and \(right)")
      }
      #expect(try await store.rollups.verify() == [])
      #expect(try await store.scalar("SELECT events FROM analytics_rolling_up()") == 0)

      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      var generator = RollupEvents(seed: 18)
      let events = generator.events(100, days: 2).filter {
        $0.timestamp.microsecondsSinceUnixEpoch >= (1_788_220_800 + 86_400) * 1_000_000
      }
      try await store.store(events, ids: generator.ids(events.count), with: sink)
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == 300 + events.count)
        #expect(try await store.rollups.verify() == [])
        try await store.connection.rollUp()
      }
      #expect(try await store.migrator(engine: .plain).apply().isEmpty)
    }
  }
}
