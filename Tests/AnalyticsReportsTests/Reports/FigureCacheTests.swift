import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import AnalyticsText
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Figures that are cached", .timeLimit(.minutes(60)))
struct FigureCacheTests {
  private static let spring = RecomputationTests.spring

  /// Compares all reports of a fresh reader with those of a reader that has cached figures.
  private func expectSame(
    _ fixture: ReportFixture, _ frame: TimeFrame, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let fresh = try ReportDatabase(AnalyticsDatabase(url: fixture.url))
    let snapshots: [any Report] = [
      Overview(now: frame.range.upperBound), ActiveUsersNow(now: frame.range.upperBound),
      ProductionChanges(now: frame.range.upperBound), SlowestEndpoints(frame: frame),
      ActiveUsers(frame: frame), HourOfWeek(frame: frame),
    ]
    for report in snapshots + Expectation.all(frame).map(\.report) {
      let expected = try await report.series(from: fresh)
      let found = try await fixture.series(report)
      #expect(
        found.rows == expected.rows && found.warnings == expected.warnings,
        "\(comment): \(found.name)",
        sourceLocation: sourceLocation)
    }
  }

  @Test("equal those of a fresh reader after events were stored, late or erased in between")
  func property() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var facts = try await fixture.storeFacts(2000, in: Self.spring, &random)
      var frames: [TimeFrame] = []
      for zone in ["UTC", "Asia/Kathmandu", "America/New_York"] {
        frames += try RecomputationTests.frames(.named(zone), using: &random)
      }
      for round in 0..<25 {
        let what = random.below(4)
        switch what {
        case 0:
          let users = Set(facts.compactMap(\.user)).sorted()
          let user = try #require(UUID(uuidString: random.pick(users)))
          _ = try await UserErasure(AnalyticsDatabase(url: fixture.url)).erase(user)
        case 1:
          // One event on any day, or long before the range. It changes only the figures of its own day.
          let start = Self.spring.lowerBound.addingTimeInterval(-90 * 86_400)
          facts += try await fixture.storeFacts(1, in: start..<Self.spring.upperBound, &random)
        case 2: facts += try await fixture.storeFacts(40, in: Self.spring, &random)
        default: break
        }
        let frame = random.pick(frames)
        try await expectSame(
          fixture, frame,
          "round \(round), \(what), by \(frame.granularity) in \(frame.zone), seed \(random.seed)")
      }
    }
  }

  @Test("are not those of rollups that are still to be computed, nor of an earlier version")
  func pending() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      _ = try await fixture.storeFacts(500, in: Self.spring, &random)
      let frame = try TimeFrame(from: Self.spring.lowerBound, to: Self.spring.upperBound)
      try await expectSame(fixture, frame, "as stored, seed \(random.seed)")
      // The state of a rollup that is to be computed again. The number of events of the days stays the same.
      try await fixture.connection.execute(
        """
        DELETE FROM analytics_rollup_tasks_v2;
        DELETE FROM analytics_rollup_tasks_daily_v2;
        INSERT INTO analytics_rollup_pending
        SELECT 'tasks', 2, day, day + interval '1 day'
        FROM generate_series('2025-02-20Z', '2025-04-10Z', interval '1 day') AS day
        """)
      try await expectSame(fixture, frame, "pending, seed \(random.seed)")
      let empty = try await fixture.series(RollupQuery(.tasks, frame: frame))
      #expect(empty.values("created").allSatisfy { $0 == .integer(0) })
      try await RollupUpkeep(AnalyticsDatabase(url: fixture.url)).refresh()
      try await expectSame(fixture, frame, "refreshed, seed \(random.seed)")
      let full = try await fixture.series(RollupQuery(.tasks, frame: frame))
      #expect(full.values("created").contains { $0 != .integer(0) })
    }
  }

  @Test("of a snapshot from before an erasure are not used after it")
  func erasureDuringRead() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let facts = try await fixture.storeFacts(600, in: Self.spring, &random)
      let frame = try TimeFrame(from: Self.spring.lowerBound, to: Self.spring.upperBound)
      let users = Set(facts.compactMap(\.user)).sorted()
      let user = try #require(UUID(uuidString: random.pick(users)))
      _ = try await fixture.database.series { reader in
        // The snapshot is taken here, so later reads in it do not see the erasure.
        _ = try await UserErasure(AnalyticsDatabase(url: fixture.url)).erase(user)
        let events = try await reader.figures(["user_events"], of: .events, in: frame.ranges)
        let counts = frame.buckets.indices.map { events[[], $0].count("user_events") }
        #expect(counts.reduce(0, +) == facts.count { $0.user != nil })
        let users = try await reader.members("users", of: .activity, in: frame.ranges)
        let presence = try await reader.windowedCounts(
          "users", of: .activity, in: frame, windows: [1])
        for day in frame.buckets.indices {
          let counts = presence.counts([], day)
          #expect([counts.bucket] + counts.windows == [users[[], day], users[[], day]])
        }
        let total = try await reader.members("users", of: .activity, in: [frame.range])
        #expect(total[[], 0] == Set(facts.compactMap(\.user)).count)
        return Series(name: "", columns: [], rows: [])
      }
      try await expectSame(fixture, frame, "seed \(random.seed)")
    }
  }

  @Test("are used: a repeated report reads only the day that changed")
  func used() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      _ = try await fixture.storeFacts(3000, in: Self.spring, &random)
      try await fixture.connection.rollUp()
      try await fixture.connection.execute("VACUUM ANALYZE")
      let frame = try TimeFrame(from: Self.spring.lowerBound, to: Self.spring.upperBound)
      func read(_ asks: Int) async throws -> Int {
        try await fixture.rowsRead { database in
          for _ in 0..<asks {
            _ = try await RollupQuery(.tasks, frame: frame).series(from: database)
          }
        }.filter { $0.key.contains("_tasks_") }.values.reduce(0, +)
      }
      let once = try await read(1)
      #expect(once > 20)
      #expect(try await read(5) == once)
    }
  }

  @Test(
    "take at most their limit of memory; entries with the same key and full caches are replaced")
  func bounds() {
    let cache = FigureCache(source: "", bytesMax: 2000)
    func key(_ number: Int) -> FigureCache.Key {
      .init(query: "", lower: Int64(number), upper: .max)
    }
    for number in 0..<100 { cache.store([], as: key(number), [1]) }
    #expect((0..<100).filter { cache.rows(key($0), [1]) != nil } == Array(0..<6))
    #expect(cache.rows(key(0), [2]) == nil)
    // An entry with the same key replaces the earlier one.
    cache.store([], as: key(0), [2])
    #expect(cache.rows(key(0), [2]) != nil && cache.rows(key(0), [1]) == nil)
    let caches = FigureCacheHolder(bytesMax: 400)
    let first = caches.cache(of: "a")
    #expect(caches.cache(of: "a") === first)
    #expect(caches.cache(of: "b") !== first)
    let second = caches.cache(of: "b")
    second.store([], as: key(0), [Int64](0..<8))
    #expect(caches.cache(of: "b") !== second, "a full cache is replaced")
  }
}
