import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

@Suite("Usage counters under faults", .timeLimit(.minutes(60)))
struct UsageFaultTests {
  /// Thirty periods in a round; `ANALYTICS_FAULT_ROUNDS` sets more rounds.
  private static let periods =
    30 * (ProcessInfo.processInfo.environment["ANALYTICS_FAULT_ROUNDS"].flatMap(Int.init) ?? 1)

  /// The usage that was tracked, as the test counts it.
  private struct Oracle {
    var allowed = 0
    var denied = 0
    var workspaces: Set<UUID> = []
  }

  @Test(
    "a COMMIT whose answer was lost counts once",
    arguments: [
      Cut.beforeCommit, .beforeCommitUnnoticed, .withCommit, .beforeAnswer, .afterAnswer,
    ])
  func aroundCommit(_ cut: Cut) async throws {
    try await withProxy { proxy, server, _ in
      let sink = try PostgresUsageSink(AnalyticsDatabase(url: proxy.url(database: "postgres")))
      let usage = UsageTracker(sink: sink)
      var cuts = proxy.cuts.makeAsyncIterator()
      for round in 1...3 {
        usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1, denied: 1)
        proxy.arm(cut)
        let flush = Task { try? await usage.flush() }
        #expect(await cuts.next() == cut)
        if cut == .beforeCommitUnnoticed { proxy.closeHalfOpenLinks() }
        await flush.value
        try await flushInTheEnd(usage)
        let found = try await totals(server.url(database: "postgres"))
        #expect(found.allowed == round && found.denied == round, "\(cut)")
        #expect(found.workspaces.count == round)
      }
    }
  }

  @Test(
    "flushing and collecting race while connections are cut: periods add up to what was tracked")
  func races() async throws {
    var random = SeededGenerator.printingSeed()
    try await withProxy { proxy, server, _ in
      let url = proxy.url(database: "postgres")
      let direct = server.url(database: "postgres")
      let sinks = try (0..<3).map { _ in try PostgresUsageSink(AnalyticsDatabase(url: url)) }
      var replicas = sinks.map { UsageTracker(sink: $0) }
      let collectors = try (0..<2).map { _ in
        UsagePeriods(try AnalyticsDatabase(url: url))
      }
      let workspaces = (0..<40).map { _ in random.uuid() }
      var oracle = Oracle()
      let start = (Date().timeIntervalSince1970 / 1800).rounded(.down) * 1800
      for period in 1...Self.periods {
        switch random.below(6) {
        case 0: proxy.arm(.afterBytes(random.below(3000), .toServer))
        case 1: proxy.arm(.afterBytes(random.below(400), .toClient))
        case 2: proxy.arm(random.pick([.beforeCommit, .withCommit, .beforeAnswer, .afterAnswer]))
        default: proxy.arm(nil)
        }
        for replica in replicas {
          for _ in 0..<random.number(0...4) {
            let workspace = random.pick(workspaces)
            let count = random.number(1...9)
            replica.track(
              workspaceID: workspace, ownerID: workspace, allowed: count, denied: count)
            oracle.allowed += count
            oracle.denied += count
            oracle.workspaces.insert(workspace)
          }
        }
        let instant = Date(timeIntervalSince1970: start + 1800 * Double(period) + 1)
        let kills = random.chance(0.2)
        await withTaskGroup(of: Void.self) { group in
          for replica in replicas { group.addTask { try? await replica.flush() } }
          for collector in collectors {
            group.addTask { _ = try? await collector.closeIfDue(at: instant) }
          }
          if kills {
            group.addTask {
              try? await withConnection(direct) { connection in
                try await connection.execute(
                  """
                  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
                  """)
              }
            }
          }
        }
        // One replica shuts down normally, and another starts.
        if random.chance(0.1) {
          let place = random.below(replicas.count)
          proxy.arm(nil)
          try await flushInTheEnd(replicas[place])
          replicas[place] = UsageTracker(sink: sinks[place])
        }
      }
      proxy.arm(nil)
      for replica in replicas { try await flushInTheEnd(replica) }
      let found = try await totals(direct)
      #expect(found.allowed == oracle.allowed, "seed \(random.seed)")
      #expect(found.denied == oracle.denied, "seed \(random.seed)")
      #expect(found.workspaces == oracle.workspaces, "seed \(random.seed)")
      try await withConnection(direct) { connection in
        // A delta is stored as a whole: each delta adds equally to both counters.
        let torn: Int = try await connection.query(
          "SELECT count(*) FROM boundary_usage_summary WHERE allowed_requests <> denied_requests"
        ).only().decode(at: 0)
        #expect(torn == 0, "seed \(random.seed)")
        let closed: Int = try await connection.query(
          "SELECT count(*) FROM analytics_usage_periods WHERE ended_at IS NOT NULL"
        ).only().decode(at: 0)
        print("\(closed) of \(Self.periods) periods closed in time, \(oracle.allowed) tracked")
        #expect(closed > Self.periods / 3)
        let gaps: Int = try await connection.query(
          """
          SELECT count(*) FROM (SELECT started_at, lag(ended_at) OVER (ORDER BY id) AS before
                                FROM analytics_usage_periods) AS p WHERE started_at <> before
          """
        ).only().decode(at: 0)
        #expect(gaps == 0, "seed \(random.seed)")
      }
    }
  }

  @Test(
    "behind PgBouncer in transaction mode with one connection: nothing is lost or counted twice",
    .enabled(if: LocalPgBouncer.isInstalled, "\(LocalPgBouncer.absence)"))
  func pgBouncer() async throws {
    try await withServer { server, url in
      let bouncer = try await LocalPgBouncer.start(before: server.socketDirectory, poolSize: 1)
      let pooled = bouncer.url(database: "postgres")
      let sinks = try (0..<3).map { _ in try PostgresUsageSink(AnalyticsDatabase(url: pooled)) }
      let collector = UsagePeriods(try AnalyticsDatabase(url: pooled))
      let start = (Date().timeIntervalSince1970 / 1800).rounded(.down) * 1800
      try await withThrowingTaskGroup(of: Void.self) { group in
        for sink in sinks {
          group.addTask {
            let usage = UsageTracker(sink: sink)
            for _ in 0..<30 {
              usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1, denied: 1)
              try await usage.flush()
            }
          }
        }
        group.addTask {
          for period in 1...10 {
            let instant = Date(timeIntervalSince1970: start + 1800 * Double(period) + 1)
            _ = try await collector.closeIfDue(at: instant)
          }
        }
        try await group.waitForAll()
      }
      let found = try await totals(url)
      #expect(found.allowed == 90 && found.denied == 90)
      #expect(found.workspaces.count == 90)
      await bouncer.stop()
    }
  }

  private func flushInTheEnd(_ usage: UsageTracker) async throws {
    for _ in 0..<20 {
      do {
        return try await usage.flush()
      } catch is EventSinkError {}
    }
    try await usage.flush()
  }

  private func totals(_ url: String) async throws -> Oracle {
    try await withConnection(url) { connection in
      let sums = try await connection.query(
        """
        SELECT coalesce(sum(allowed_requests), 0)::bigint, coalesce(sum(denied_requests), 0)::bigint
        FROM boundary_usage_summary
        """
      ).only()
      var found = Oracle(allowed: try sums.decode(at: 0), denied: try sums.decode(at: 1))
      let members: [String] = try await connection.query(
        "SELECT DISTINCT member FROM analytics_usage_members WHERE set_name = 'workspaces'"
      ).map { try $0.decode(at: 0) }
      found.workspaces = Set(members.compactMap(UUID.init))
      return found
    }
  }
}
