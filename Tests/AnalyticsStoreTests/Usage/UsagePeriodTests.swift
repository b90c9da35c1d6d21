import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Usage periods", .timeLimit(.minutes(60)))
struct UsagePeriodTests {
  private func withUsage(
    _ body: (StoreFixture, UsageTracker, UsagePeriods) async throws -> Void
  ) async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      let sink = PostgresUsageSink(AnalyticsDatabase(store.configuration))
      try await store.withPeriods { try await body(store, UsageTracker(sink: sink), $0) }
    }
  }

  /// At least half an hour ahead, so that the time that a test takes does not matter.
  private let start = Date().halfHour.addingTimeInterval(1800)

  /// The start of a future half hour.
  private func boundary(_ number: Int) -> Date {
    start.addingTimeInterval(1800 * Double(number))
  }

  @Test("a new period starts at zero, and no old data is added after the reset")
  func newPeriod() async throws {
    try await withUsage { store, usage, periods in
      let (old, new) = (UUID(), UUID())
      usage.track(workspaceID: old, ownerID: old, allowed: 7)
      try await usage.flush()
      #expect(try await periods.closeIfDue(at: boundary(1)) != nil)
      try await usage.flush()
      #expect(
        try await store.boundarySummaries()
          == [BoundarySummary(workspaces: 1, users: 1, allowed: 7), BoundarySummary()])
      #expect(try await store.scalar("SELECT count(*) FROM boundary_usage_stats") == 0)
      usage.track(workspaceID: new, ownerID: old, denied: 1)
      try await usage.flush()
      #expect(
        try await store.boundarySummaries().last
          == BoundarySummary(workspaces: 1, users: 1, denied: 1))
    }
  }

  @Test("are closed once a boundary in UTC has passed since their start, with their true times")
  func due() async throws {
    try await withUsage { store, _, periods in
      let began = try await store.usagePeriods()[0].start
      #expect(try await periods.closeIfDue(at: began) == nil)
      let end = boundary(1).addingTimeInterval(7)
      #expect(try await periods.closeIfDue(at: end) != nil)
      for seconds in [0.0, 1, 900, 1790] {
        #expect(try await periods.closeIfDue(at: end.addingTimeInterval(seconds)) == nil)
      }
      // For the time of three periods no process closed one.
      let later = boundary(5).addingTimeInterval(1)
      #expect(try await periods.closeIfDue(at: later) != nil)
      let found = try await store.usagePeriods()
      #expect(found.map(\.end) == [end, later, nil])
      #expect(found[1].start == end)
      #expect(found[2].start == later)
      let duration: Int = try await store.scalar(
        "SELECT period_duration_ms FROM boundary_usage_summary ORDER BY period_id OFFSET 1 LIMIT 1")
      #expect(duration == Int(later.timeIntervalSince(end) * 1000))
      let locked: [Date] = try await store.connection.query(
        "SELECT period_ending_at FROM telemetry_locks ORDER BY 1"
      ).map { try $0.decode(at: 0) }
      #expect(locked == [boundary(1), boundary(5)])
    }
  }

  @Test("only one of ten replicas closes a period")
  func oneOfTen() async throws {
    try await withUsage { store, usage, _ in
      let replicas = (0..<10).map { _ in UsagePeriods(AnalyticsDatabase(store.configuration)) }
      for number in 1...5 {
        usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: number)
        try await usage.flush()
        let instant = boundary(number).addingTimeInterval(1)
        let closed = try await withThrowingTaskGroup(of: Int?.self) { group in
          for replica in replicas {
            group.addTask { try await replica.closeIfDue(at: instant) }
          }
          return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }
        #expect(closed.count == 1)
      }
      #expect(try await store.boundarySummaries().map(\.allowed) == [1, 2, 3, 4, 5, 0])
    }
  }

  @Test("if the clock is set back an hour or ahead a year, nothing is lost or counted twice")
  func clock() async throws {
    try await withUsage { store, usage, periods in
      var tracked = 0
      func track() async throws {
        tracked += 1
        usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
        try await usage.flush()
      }
      var closed = 0
      let hours = [1.0, 1.5, 2, 2.5, 1.5, 2, 2.5, 3, 3.5, 8760, 4, 4.5, 5]
      for hour in hours {
        try await track()
        let instant = boundary(0).addingTimeInterval(hour * 3600 + 1)
        if try await periods.closeIfDue(at: instant) != nil { closed += 1 }
      }
      // With the clock set back no period is closed twice. With the clock corrected, closing continues at once.
      #expect(closed == hours.count - 3)
      let summaries = try await store.boundarySummaries()
      #expect(summaries.reduce(0) { $0 + $1.allowed } == tracked)
      #expect(summaries.reduce(0) { $0 + $1.workspaces } == tracked)
      #expect(
        try await store.scalar(
          "SELECT count(*) FROM analytics_usage_periods WHERE ended_at < started_at") == 0)
    }
  }

  @Test("a delta that waits while a period is closed is added completely to the next period")
  func cutover() async throws {
    try await withUsage { store, usage, _ in
      usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1, denied: 1)
      var flush: Task<Void, any Error>?
      try await store.connection.transaction { connection in
        _ = try await connection.query(
          "SELECT analytics_close_usage_at('30 minutes', $1)", [.timestamptz(boundary(1))])
        flush = Task { try await usage.flush() }
        var isWaiting = false
        while !isWaiting {
          try Task.checkCancellation()
          isWaiting = try await connection.query(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
          ).only().decode(at: 0)
        }
      }
      try await flush?.value
      #expect(
        try await store.boundarySummaries() == [
          BoundarySummary(), BoundarySummary(workspaces: 1, users: 1, allowed: 1, denied: 1),
        ])
    }
  }

  @Test("closed periods are dropped with their rows after the configured time")
  func purge() async throws {
    try await withUsage { store, usage, periods in
      for number in 1...2 {
        usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: number)
        try await usage.flush()
        #expect(try await periods.closeIfDue(at: boundary(number)) != nil)
      }
      usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 3)
      try await usage.flush()
      try await store.connection.execute(
        """
        UPDATE analytics_usage_periods
        SET started_at = started_at - interval '40 days', ended_at = ended_at - interval '40 days'
        WHERE id = (SELECT min(id) FROM analytics_usage_periods)
        """)
      var options = MaintenanceOptions(keepDays: nil, aheadDays: 0)
      options.keepUsageDays = nil
      #expect(
        try await Maintenance(AnalyticsDatabase(store.configuration), options: options).run()
          .usagePeriodsDropped == 0)
      options.keepUsageDays = 30
      let maintenance = Maintenance(AnalyticsDatabase(store.configuration), options: options)
      #expect(try await maintenance.run().usagePeriodsDropped == 1)
      #expect(try await maintenance.run().usagePeriodsDropped == 0)
      #expect(try await store.boundarySummaries().map(\.allowed) == [2, 3])
      #expect(try await store.scalar("SELECT count(*) FROM analytics_usage_members") == 4)
    }
  }
}
