import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite(
  "An installation that is moved to TimescaleDB",
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct EngineMoveTests {
  /// The number of old events, which are spread over the last forty days.
  private static let oldEvents = 10_000

  private func fill(_ url: String) async throws {
    try await withConnection(url) { connection in
      try await connection.execute(
        """
        CREATE TEMPORARY TABLE old AS
            SELECT gen_random_uuid() AS id, now() - interval '40 days' * n / \(Self.oldEvents) AS t
            FROM generate_series(1, \(Self.oldEvents)) AS n;
        SELECT FROM analytics_ensure_partitions(ARRAY(SELECT t FROM old));
        INSERT INTO analytics_events SELECT id, t, 'old', 'service', NULL, NULL, NULL, '{}' FROM old;
        """)
    }
  }

  @Test(
    "while services track and store: old and new events are stored once",
    .timeLimit(.minutes(60)))
  func whileServicesStore() async throws {
    try await withTestDatabase(on: .timescale) { url in
      try await Migrator(AnalyticsDatabase(url: url), engine: .plain, logger: silentLogger).apply()
      try await fill(url)
      try await withTemporaryDirectory { directory in
        let spool = directory + "/spool"
        let subjects = try (0..<2).map { number in
          try SubjectProcess(
            url: url, spool: spool, incarnation: number, acknowledgementsIn: directory)
        }
        defer { for subject in subjects { subject.kill() } }
        let before = try await waitForEvents(url, moreThan: Self.oldEvents)
        let mover = try Migrator(
          AnalyticsDatabase(url: url), engine: .timescale, logger: silentLogger)
        try await mover.apply()
        #expect(try await mover.storageEngine() == .timescale)
        // The services continue without a restart.
        _ = try await waitForEvents(url, moreThan: before + 200)
        for subject in subjects {
          let hasEnded = subject.hasEnded(within: 0)
          #expect(!hasEnded)
          subject.kill()
        }
        let accounting = try await drain(spool, to: url)
        #expect(accounting.isBalanced)
        #expect(accounting.pending == 0)
        try await expectStoredOnce(subjects.map(\.life), in: url)
        let old: Int = try await withConnection(url) {
          try await $0.query(
            "SELECT count(DISTINCT id) FROM analytics_events WHERE event_type = 'old'"
          ).only().decode(at: 0)
        }
        #expect(old == Self.oldEvents)
        #expect(await leftovers(of: spool) == [])
      }
    }
  }

  /// Polls, because nothing signals that events are stored.
  private func waitForEvents(_ url: String, moreThan count: Int) async throws -> Int {
    let deadline = ContinuousClock.now + .seconds(300)
    while true {
      let now = try await eventCount(url)
      if now > count { return now }
      try #require(ContinuousClock.now < deadline, "\(count) events were not stored in a minute")
    }
  }
}
