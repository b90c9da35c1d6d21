import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Reports of usage counters", .timeLimit(.minutes(60)))
struct UsageReportTests {
  /// The usage that was tracked in a period, computed by the test itself.
  private struct Tracked {
    var start: Date
    var end: Date?
    var sums: [String: [String: Int]] = [:]
    var members: [String: [String: Set<UUID>]] = [:]

    mutating func count(_ kind: String, _ name: String, _ value: Int) {
      sums[kind, default: [:]][name, default: 0] += value
    }

    mutating func see(_ kind: String, _ name: String, _ member: UUID) {
      members[kind, default: [:]][name, default: []].insert(member)
    }

    /// The rows that the report should have.
    func rows(_ kinds: Set<String>) -> [[Series.Value]] {
      let head: [Series.Value] = [
        .instant(start), end.map(Series.Value.instant) ?? .null,
        .text(end == nil ? "open" : "closed"),
      ]
      let known = Set(sums.keys).union(members.keys).intersection(kinds).sorted()
      guard !known.isEmpty else { return [head + [.null, .null, .null, .null]] }
      return known.flatMap { kind in
        (sums[kind] ?? [:]).sorted { $0.key < $1.key }.map { name, value in
          head + [.text(kind), .text("sum"), .text(name), .integer(value)]
        }
          + (members[kind] ?? [:]).sorted { $0.key < $1.key }.map { name, members in
            head + [.text(kind), .text("members"), .text(name), .integer(members.count)]
          }
      }
    }
  }

  /// A counter and a set may have the same name.
  private static let search = UsageKind("search", counters: ["queries", "users"], sets: ["users"])

  @Test("have for each period what two replicas that share members tracked in it")
  func recomputed() async throws {
    var random = SeededGenerator.printingSeed()
    let people = (0..<40).map { _ in random.uuid() }
    try await ReportFixture.with { fixture in
      let configuration = try PostgresConfiguration(url: fixture.url)
      let sink = PostgresUsageSink(AnalyticsDatabase(configuration))
      let replicas = (0..<2).map { _ in UsageTracker(kinds: [Self.search], sink: sink) }
      let periods = UsagePeriods(AnalyticsDatabase(configuration))
      var start = try await startOfOpenPeriod(fixture)
      // The boundaries are in the future, so that each closing is due.
      let base = (start.timeIntervalSince1970 / 1800).rounded(.up) * 1800
      var tracked: [Tracked] = []
      for number in 0..<6 {
        var period = Tracked(start: start)
        // Nothing happens in one of the periods.
        for _ in 0..<(number == 3 ? 0 : 60) {
          let replica = replicas[Int.random(in: 0..<2, using: &random)]
          let (workspace, owner) = (people.randomElement(using: &random)!, people[number])
          if Bool.random(using: &random) {
            let (allowed, denied) = (Int.random(in: 0..<5, using: &random), 1)
            replica.track(
              workspaceID: workspace, ownerID: owner, allowed: allowed, denied: denied)
            period.count("boundary", "allowed_requests", allowed)
            period.count("boundary", "denied_requests", denied)
            period.see("boundary", "workspaces", workspace)
            period.see("boundary", "users", owner)
          } else {
            replica.track(
              Self.search, counts: ["queries": 3, "users": 1],
              members: ["users": .id(workspace)])
            period.count("search", "queries", 3)
            period.count("search", "users", 1)
            period.see("search", "users", workspace)
          }
        }
        for replica in replicas { try await replica.flush() }
        if number < 5 {
          let end = Date(timeIntervalSince1970: base + Double(number) * 1800 + 7)
          #expect(try await periods.closeIfDue(at: end) != nil)
          period.end = end
          start = end
        }
        tracked.append(period)
      }
      let kinds: Set = ["boundary", "search"]
      let all = try await fixture.series(UsageByPeriod())
      #expect(
        all.columns.map(\.name) == [
          "period_start", "period_end", "state", "kind", "measure", "name", "value",
        ])
      #expect(all.rows == tracked.flatMap { $0.rows(kinds) }, "seed \(random.seed)")

      var some = UsageByPeriod()
      (some.kinds, some.latest) = (["search"], 2)
      #expect(
        try await fixture.series(some).rows == tracked.suffix(2).flatMap { $0.rows(["search"]) })

      // The range begins within the second period and ends where the fourth begins.
      let second = tracked[1]
      let range = second.start.addingTimeInterval(1)..<tracked[3].start
      #expect(
        try await fixture.series(UsageByPeriod(range: range)).rows
          == tracked[1...2].flatMap { $0.rows(kinds) })
    }
  }

  @Test("show what each replica counted in the open period, and nothing of earlier periods")
  func replicas() async throws {
    let (ada, ben) = (UUID(), UUID())
    try await ReportFixture.with { fixture in
      let configuration = try PostgresConfiguration(url: fixture.url)
      let sink = PostgresUsageSink(AnalyticsDatabase(configuration))
      let ids = [UUID(), UUID()]
      let replicas = ids.map {
        UsageTracker(kinds: [Self.search], replicaID: $0, sink: sink)
      }
      replicas[0].track(workspaceID: ada, ownerID: ada, denied: 9)
      try await replicas[0].flush()
      let periods = UsagePeriods(AnalyticsDatabase(configuration))
      let start = try await startOfOpenPeriod(fixture)
      #expect(try await periods.closeIfDue(at: start.addingTimeInterval(3600)) != nil)
      #expect(try await fixture.series(UsageByReplica()).rows.isEmpty)
      replicas[0].track(workspaceID: ada, ownerID: ada, allowed: 2)
      replicas[1].track(workspaceID: ada, ownerID: ben, allowed: 3)
      replicas[1].track(workspaceID: ben, ownerID: ben, allowed: 4)
      replicas[1].track(Self.search, counts: ["queries": 5])
      for replica in replicas { try await replica.flush() }
      let series = try await fixture.series(UsageByReplica())
      let texts = series.rows.map { row in
        row[..<5].enumerated().map { series.text($1, in: series.columns[$0]) ?? "" }
      }
      func expected(_ replica: Int, _ kind: String, _ values: [(String, String, Int)]) -> [[String]]
      {
        values.map { [ids[replica].uuidString.lowercased(), kind, $0.0, $0.1, String($0.2)] }
      }
      #expect(
        texts
          == expected(
            0, "boundary",
            [
              ("sum", "allowed_requests", 2), ("sum", "denied_requests", 0),
              ("members", "users", 1), ("members", "workspaces", 1),
            ])
          + expected(
            1, "boundary",
            [
              ("sum", "allowed_requests", 7), ("sum", "denied_requests", 0),
              ("members", "users", 1), ("members", "workspaces", 2),
            ])
          + expected(1, "search", [("sum", "queries", 5), ("sum", "users", 0)]))
    }
  }

  @Test(
    "refuse an invalid number of periods", arguments: ["0", "-1", "two", "1.5", "100001"])
  func refused(latest: String) throws {
    let error = #expect(throws: ReportError.self) {
      try ReportCatalogue.standard.report("usage", ReportParameters(["latest": [latest]]))
    }
    #expect(error?.parameter == "latest")
  }

  private func startOfOpenPeriod(_ fixture: ReportFixture) async throws -> Date {
    try await fixture.connection.query(
      "SELECT started_at FROM analytics_usage_periods WHERE ended_at IS NULL"
    ).only().decode(at: 0)
  }
}
