import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Usage counters in the database", .timeLimit(.minutes(60)))
struct UsageSinkTests {
  private func withUsage(
    _ body: (StoreFixture, PostgresUsageSink) async throws -> Void
  ) async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      let sink = PostgresUsageSink(AnalyticsDatabase(store.configuration))
      try await body(store, sink)
    }
  }

  @Test("two replicas that share members have exact distinct counts, and rows of their own")
  func replicas() async throws {
    try await withUsage { store, sink in
      let replicas = [UsageTracker(sink: sink), UsageTracker(sink: sink)]
      let ids = (0..<5).map { _ in UUID() }
      for id in ids[..<3] { replicas[0].track(workspaceID: id, ownerID: ids[0], allowed: 1) }
      for id in ids[2...] { replicas[1].track(workspaceID: id, ownerID: ids[0], denied: 2) }
      for replica in replicas { try await replica.flush() }
      #expect(
        try await store.boundarySummaries()
          == [BoundarySummary(workspaces: 5, users: 1, allowed: 3, denied: 6)])
      let rows = try await store.connection.query("SELECT * FROM boundary_usage_stats")
      #expect(
        rows.columnNames == [
          "replica_id", "unique_workspaces_count", "unique_users_count", "allowed_requests",
          "denied_requests", "window_start", "updated_at",
        ])
      var found: [UUID: [Int]] = [:]
      for row in rows {
        found[try row.decode(at: 0)] = try (1...4).map { try row.decode(at: $0) }
      }
      #expect(
        found == [replicas[0].replicaID: [3, 1, 3, 0], replicas[1].replicaID: [3, 1, 0, 6]])
    }
  }

  @Test("flushes accumulate: A, B, then C is 3")
  func flushAccumulates() async throws {
    try await withUsage { store, sink in
      let usage = UsageTracker(sink: sink)
      let (a, b, c) = (UUID(), UUID(), UUID())
      for id in [a, b] { usage.track(workspaceID: id, ownerID: id, allowed: 1) }
      try await usage.flush()
      for id in [c, a] { usage.track(workspaceID: id, ownerID: id, allowed: 1) }
      try await usage.flush()
      #expect(
        try await store.boundarySummaries() == [
          BoundarySummary(workspaces: 3, users: 3, allowed: 4)
        ])
    }
  }

  @Test("no activity writes nothing")
  func noActivity() async throws {
    try await withUsage { store, sink in
      let usage = UsageTracker(sink: sink)
      try await usage.flush()
      for table in ["replicas", "counters", "members"] {
        #expect(try await store.scalar("SELECT count(*) FROM analytics_usage_\(table)") == 0)
      }
    }
  }

  @Test("a repeated delta counts once, even in a later period")
  func again() async throws {
    try await withUsage { store, sink in
      let repeating = RepeatingUsageSink(sink)
      let usage = UsageTracker(sink: repeating)
      for _ in 0..<3 {
        usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
        try await usage.flush()
      }
      try await store.withPeriods { periods in
        let closed = try await periods.closeIfDue(at: Date(timeIntervalSinceNow: 3600))
        #expect(closed != nil)
      }
      for delta in repeating.deltas { try await sink.write(delta) }
      #expect(
        try await store.boundarySummaries()
          == [BoundarySummary(workspaces: 3, users: 3, allowed: 3), BoundarySummary()])
    }
  }

  @Test("an application's own kind works with any texts")
  func ownKind() async throws {
    try await withUsage { store, sink in
      let kind = UsageKind("search", counters: ["queries"], sets: ["words", "users"])
      let usage = UsageTracker(kinds: [kind], sink: sink)
      let texts = ["ä", "A", "a", "日本語", "\"\\{,}", "NULL", " "]
      for text in texts + texts {
        usage.track(
          kind, counts: ["queries": 1], members: ["words": .text(text), "users": .id(UUID())])
      }
      try await usage.flush()
      let rows = try await store.connection.query(
        "SELECT kind, name, value FROM usage_summary")
      var found: [String: Int] = [:]
      for row in rows { found[try row.decode(at: 1)] = try row.decode(at: 2) }
      #expect(found == ["queries": 14, "users": 14, "words": 7])
    }
  }

  @Test("in a given schema, the writer may add and close but not read, and the reader may read")
  func roles() async throws {
    let suffix = UUID().uuidString.prefix(8).lowercased()
    let roles = AnalyticsRoles(writer: "writer-\(suffix)", reader: "reader-\(suffix)")
    try await withStore { store in
      let migrator = store.migrator(schema: "home", engine: .plain)
      try await migrator.apply()
      #expect(try await migrator.grant(roles) == .granted)
      var writer = store.configuration
      writer.parameters["options"] = "-c role=\(roles.writer)"
      let sink = PostgresUsageSink(AnalyticsDatabase(writer, schema: "home"))
      let usage = UsageTracker(sink: sink)
      usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 4)
      try await usage.flush()
      let periods = UsagePeriods(
        AnalyticsDatabase(writer, schema: "home"), length: .seconds(3600 * 24 * 365))
      #expect(try await periods.closeIfDue() == nil)
      let connection = try await PostgresConnection.connect(writer)
      for refused in [
        "SELECT * FROM home.boundary_usage_summary", "DELETE FROM home.analytics_usage_members",
        "SELECT home.analytics_close_usage_at('1s', now())",
        "SELECT home.analytics_lock_usage(true)",
      ] {
        let error = await #expect(throws: PostgresError.self) {
          try await connection.execute(refused)
        }
        #expect(error?.sqlState == .insufficientPrivilege, "\(refused)")
      }
      await connection.close()
      var reader = store.configuration
      reader.parameters["options"] = "-c role=\(roles.reader)"
      let reading = try await PostgresConnection.connect(reader)
      for view in ["boundary_usage_summary", "boundary_usage_stats"] {
        let allowed: Int = try await reading.query(
          "SELECT allowed_requests FROM home.\(view)"
        ).only().decode(at: 0)
        #expect(allowed == 4)
      }
      await reading.close()
      for name in [roles.writer, roles.reader] {
        try await store.connection.execute(
          "DROP OWNED BY \"\(name)\" CASCADE; DROP ROLE \"\(name)\"")
      }
    }
  }

  @Test(
    "an erased person is removed from the sets of all periods, and no earlier delta adds them again"
  )
  func erasure() async throws {
    try await withUsage { store, sink in
      let kind = UsageKind("search", counters: ["queries"], sets: ["users", "names"])
      let usage = UsageTracker(kinds: [kind], sink: sink)
      let (ada, eve) = (UUID(), UUID())
      func track() {
        for id in [ada, eve] {
          usage.track(
            kind, counts: ["queries": 1],
            members: ["users": .id(id), "names": .text("user:\(id.uuidString)")])
        }
      }
      track()
      try await usage.flush()
      try await store.withPeriods { periods in
        let closed = try await periods.closeIfDue(at: Date(timeIntervalSinceNow: 3600))
        #expect(closed != nil)
      }
      track()
      try await usage.flush()
      // These deltas are still in memory during the erasure.
      track()
      let report = try await UserErasure(AnalyticsDatabase(store.configuration)).erase(ada)
      #expect(report.rows["analytics_usage_members"] == 4)
      try await usage.flush()
      let left = try await store.connection.query(
        "SELECT DISTINCT lower(member) FROM analytics_usage_members ORDER BY 1")
      let id = eve.uuidString.lowercased()
      #expect(try left.map { try $0.decode(String.self, at: 0) } == [id, "user:\(id)"].sorted())
      // Later usage of the same person counts again, as new events do.
      track()
      try await usage.flush()
      #expect(
        try await store.scalar(
          "SELECT count(*) FROM analytics_usage_members WHERE member = $1",
          [.text(ada.uuidString.lowercased())]) == 1)
    }
  }
}
