import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Client applications in the database", .timeLimit(.minutes(60)))
struct ClientApplicationSinkTests {
  private func withSink(
    _ body: (StoreFixture, PostgresUsageSink) async throws -> Void
  ) async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      let sink = PostgresUsageSink(AnalyticsDatabase(store.configuration))
      try await body(store, sink)
    }
  }

  private func sighting(
    _ name: String, _ instance: String, version: String? = nil, secondsAgo: Double = 0
  ) -> ClientSighting {
    let now = Date().timeIntervalSince1970
    return ClientSighting(
      ClientApplication(
        name: name, instanceID: instance, version: version, environment: "production",
        startedAt: EventTimestamp(microsecondsSinceUnixEpoch: 1_790_000_000_000_001)),
      lastSeen: EventTimestamp(microsecondsSinceUnixEpoch: Int64((now - secondsAgo) * 1_000_000)))
  }

  @Test("an instance keeps its description, and last_seen only moves forward")
  func forwards() async throws {
    try await withSink { store, sink in
      func lastSeen() async throws -> (version: String?, secondsAgo: Double) {
        let row = try await store.connection.query(
          """
          SELECT version, extract(epoch FROM clock_timestamp() - last_seen)::float8,
                 environment, started_at
          FROM analytics_client_instances
          """
        ).only()
        #expect(try row.decode(String.self, at: 2) == "production")
        #expect(
          try row.decode(PostgresTimestamp.self, at: 3).microseconds
            == 1_790_000_000_000_001 - 946_684_800_000_000)
        return (try row.decode(at: 0), try row.decode(at: 1))
      }
      try await sink.register([sighting("shop", "1", secondsAgo: 500)])
      #expect(try await lastSeen().version == nil)
      #expect((500..<530).contains(try await lastSeen().secondsAgo))
      try await sink.register([sighting("shop", "1", version: "2", secondsAgo: 100)])
      #expect(try await lastSeen().version == "2")
      #expect((100..<130).contains(try await lastSeen().secondsAgo))
      try await sink.register([sighting("shop", "1", version: "1", secondsAgo: 400)])
      #expect(try await lastSeen().version == "2")
      #expect((100..<160).contains(try await lastSeen().secondsAgo))
    }
  }

  @Test("a hundred replicas of one application do not wait for each other's row")
  func noWaiting() async throws {
    try await withSink { store, sink in
      try await sink.register([sighting("shop", "0")])
      try await store.connection.transaction { connection in
        // While this transaction is open, one replica's flush is in progress.
        _ = try await connection.query(
          "SELECT analytics_register_clients($1, $2, $3, $4, $5, $6)",
          [
            .textArray(["shop"]), .textArray(["0"]), .textArray([""]), .textArray([""]),
            .timestamptzArray([Date()]), .float8Array([0]),
          ])
        for replica in 1...100 { try await sink.register([sighting("shop", "\(replica)")]) }
      }
      #expect(try await store.scalar("SELECT count(*) FROM analytics_client_instances") == 101)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_client_applications") == 1)
    }
  }

  @Test("many instances from many replicas, in any order, cause no deadlock, and all are stored")
  func concurrent() async throws {
    try await withSink { store, _ in
      let sightings = (0..<200).map { sighting("app \($0 % 7)", "\($0)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            let sink = PostgresUsageSink(AnalyticsDatabase(store.configuration))
            for _ in 0..<10 { try await sink.register(sightings.shuffled()) }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await store.scalar("SELECT count(*) FROM analytics_client_instances") == 200)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_client_applications") == 7)
    }
  }

  @Test("maintenance drops instances that no range needs, but no applications")
  func purge() async throws {
    try await withSink { store, sink in
      let day = 86_400.0
      try await sink.register([
        sighting("old", "1", secondsAgo: 91 * day), sighting("new", "1", secondsAgo: 89 * day),
      ])
      _ = try await Maintenance(
        AnalyticsDatabase(store.configuration),
        options: MaintenanceOptions(keepDays: nil, aheadDays: 0)
      ).run()
      let left: [String] = try await store.connection.query(
        "SELECT name FROM analytics_client_instances"
      ).map { try $0.decode(at: 0) }
      #expect(left == ["new"])
      #expect(try await store.scalar("SELECT count(*) FROM analytics_client_applications") == 2)
    }
  }
}
