import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Dimensions with more values than they keep", .timeLimit(.minutes(60)))
struct DimensionBoundsTests {
  /// Rollups with low limits: one of requests with figures and users, one with users only, and one of all events.
  private static let rollups: [Rollup] = {
    let dimensions = [
      Dimension("service", .service, limit: 3),
      Dimension("path", .field("endpoint"), limit: 4),
      Dimension("method", .field("method"), limit: 2),
    ]
    return [
      Rollup(
        "visits", of: ["api_request"], by: dimensions,
        measures: [
          Measure("visits", .count), Measure("visits_of_users", .count, where: .hasUser),
          Measure("time_sum", .sum("duration_ms")), Measure("time", .histogram("duration_ms")),
          Measure("visitors", .distinct(.userID)),
        ]),
      Rollup(
        "visitors", of: ["api_request"], by: Array(dimensions.prefix(2)),
        measures: [Measure("visitors", .distinct(.userID))]),
      Rollup(
        "environments", of: [],
        by: [Dimension("environment", .environment, limit: 2), Dimension("type", .eventType)],
        measures: [Measure("events", .count)]),
    ]
  }()

  private func withRollups(_ body: (StoreFixture, PostgresEventSink) async throws -> Void)
    async throws
  {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.migrate(Self.rollups)
      try await body(store, sink)
    }
  }

  @Test("keep the first values as an oracle computes, pending or rolled up")
  func admission() async throws {
    let seed = SeededGenerator.seed()
    try await withRollups { store, sink in
      var visits = Visits(seed: seed)
      var oracles = Self.rollups.prefix(2).map(AdmissionOracle.init)
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        for step in 1...4 {
          let events = visits.next(150)
          for index in oracles.indices {
            for start in stride(from: 0, to: 150, by: 40) {
              try oracles[index].add(events[start..<min(start + 40, 150)])
            }
          }
          try await other.blockRollingUp()
          try await store.store(events, ids: visits.ids(150), batchSize: 40, with: sink)
          for isRolledUp in [false, true] {
            if isRolledUp {
              try await other.allowRollingUp()
              try await store.connection.rollUp()
            }
            let state: Comment = "rolled up: \(isRolledUp), step \(step), seed \(seed)"
            for oracle in oracles {
              #expect(try await store.figures(of: oracle.rollup) == oracle.figures, state)
            }
            #expect(try await store.rollups.verify() == [], state)
          }
        }
      }
      for oracle in oracles { #expect(oracle.hasOthers, "seed \(seed)") }
    }
  }

  @Test("are bounded in slices and in recomputed ranges, and no event is lost")
  func slicesAndRanges() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      var visits = Visits(seed: seed)
      let before = visits.next(600)
      try await store.store(before, ids: visits.ids(600), with: sink)
      try await store.migrate(Self.rollups)
      try await store.rollups.refresh()
      for rollup in Self.rollups.prefix(2) {
        var oracle = AdmissionOracle(rollup)
        for start in stride(from: 0, to: 600, by: 200) {
          try oracle.add(before[start..<start + 200])
        }
        #expect(try await store.figures(of: rollup) == oracle.figures, "seed \(seed)")
      }
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        try await other.blockRollingUp()
        try await store.store(visits.next(400), ids: visits.ids(400), batchSize: 400, with: sink)
        try await other.allowRollingUp()
      }
      try await store.connection.rollUp(eventsMax: 70)
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
      #expect(
        try await store.scalar("SELECT sum(visits)::int8 FROM analytics_rollup_visits_daily")
          == 1000)
      let most: Int = try await store.scalar(
        """
        SELECT max(paths) FROM (SELECT count(DISTINCT path) AS paths FROM analytics_rollup_visits_daily
                                WHERE path <> '' GROUP BY day, service) AS p
        """)
      // Four values, and `(other)`.
      #expect(most == 5, "seed \(seed)")
    }
  }

  @Test("agree with raw events after an erasure")
  func erasure() async throws {
    let seed = SeededGenerator.seed()
    try await withRollups { store, sink in
      var visits = Visits(seed: seed)
      let events = visits.next(600)
      try await store.store(events, ids: visits.ids(600), with: sink)
      let person = try #require(try events.lazy.compactMap { try $0.stored.userID }.first)
      let own = try events.count { try $0.stored.userID == person }
      let report = try await store.erasure.erase(person)
      #expect(report.events == own)
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
      #expect(
        try await store.scalar("SELECT sum(visits)::int8 FROM analytics_rollup_visits") == 600)
    }
  }

  @Test(
    "agree with raw events after erasures of people whose ids are values")
  func erasedValues() async throws {
    let seed = SeededGenerator.seed()
    var random = SeededGenerator(seed: seed)
    let people = Rollup(
      "people", of: ["api_request"],
      by: [
        Dimension("person", .userID, limit: 3), Dimension("path", .field("endpoint"), limit: 3),
      ],
      measures: [
        Measure("visits", .count), Measure("paths", .distinct(.field("endpoint"))),
        Measure("sample", .sample("endpoint")),
      ])
    try await withStore { store in
      let sink = try await store.sink()
      try await store.migrate(Self.rollups + [people])
      let users = (0..<8).map { _ in random.uuid() }
      var events: [EnrichedEvent] = []
      for _ in 0..<400 {
        let user = users[Int.random(in: 0..<8, using: &random)]
        let minute = Int64.random(in: 0..<2 * 1440, using: &random)
        let id = user.uuidString.lowercased()
        events.append(
          EnrichedEvent(
            timestamp: EventTimestamp(
              microsecondsSinceUnixEpoch: (1_788_220_800 + minute * 60) * 1_000_000),
            event: .apiRequest(
              service: "web",
              endpoint: [id, "/users/\(id)", "/a"][Int.random(in: 0..<3, using: &random)],
              method: "GET", statusCode: 200, durationMS: 1,
              userID: Bool.random(using: &random) ? user : nil)))
      }
      try await store.store(events, ids: events.map { _ in random.uuid() }, with: sink)
      for user in users.prefix(6) {
        _ = try await store.erasure.erase(user)
        let differences = try await store.rollups.verify()
        #expect(differences == [], "\(user), seed \(seed)")
        for relation in ["visits", "visits_daily", "people", "people_daily"] {
          let rows = try await store.rows("analytics_rollup_\(relation)")
          #expect(
            rows.allSatisfy { !$0.contains(user.uuidString.lowercased()) },
            "\(relation), seed \(seed)")
        }
      }
      #expect(
        try await store.scalar("SELECT sum(visits)::int8 FROM analytics_rollup_visits") == 400)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_rollup_pending") == 0)
    }
  }

  @Test("take no longer if a later column of the key has the new values")
  func manyRows() async throws {
    try await withStore { store in
      _ = try await store.sink()
      func insert(_ events: String, _ count: Int) async throws {
        try await store.connection.execute(
          """
          SELECT FROM analytics_ensure_partitions(ARRAY['2026-09-01'::timestamptz]);
          INSERT INTO analytics_events (id, timestamp, event_type, service, data)
          SELECT gen_random_uuid(), '2026-09-01 00:00Z'::timestamptz + i * interval '1 second', 'api_request',
                 's', jsonb_build_object(\(events), 'status_code', 200, 'duration_ms', i % 500)
          FROM generate_series(0, \(count - 1)) AS i
          """)
        try await store.connection.rollUp()
      }
      try await insert("'endpoint', '/' || i % 200, 'method', 'M' || i / 200", 40_000)
      let clock = ContinuousClock()
      let few = try await clock.measure {
        try await insert("'endpoint', '/1', 'method', 'M1'", 10_000)
      }
      let many = try await clock.measure {
        try await insert("'endpoint', '/1', 'method', 'N' || i", 10_000)
      }
      // Searching 40,000 rows for each of them would take minutes.
      #expect(many < few * 20 + .seconds(10))
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("count a hundred thousand paths of one statement as a thousand and one a day")
  func manyPaths() async throws {
    try await withStore { store in
      _ = try await store.sink()
      try await store.connection.execute(
        """
        SELECT FROM analytics_ensure_partitions(ARRAY['2026-09-01'::timestamptz, '2026-09-02']);
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), '2026-09-01 00:00Z'::timestamptz + i * interval '1 second', 'api_request',
               's', jsonb_build_object('endpoint', '/users/' || i, 'method', 'GET', 'status_code', 200,
                                       'duration_ms', i % 500)
        FROM generate_series(0, 99999) AS i
        """)
      try await store.connection.rollUp()
      let rows = try await store.connection.query(
        """
        SELECT count(*) AS rows, sum(requests)::int8 AS requests,
               sum(requests) FILTER (WHERE endpoint = '/users/899')::int8 AS admitted,
               sum(requests) FILTER (WHERE endpoint = '(other)')::int8 AS others
        FROM analytics_rollup_api_requests_daily GROUP BY day ORDER BY day
        """)
      #expect(try rows.map { try $0.decode(Int.self, "rows") } == [1001, 1001])
      #expect(try rows.map { try $0.decode(Int.self, "requests") } == [86_400, 13_600])
      #expect(try rows.first?.decode(Int.self, "admitted") == 1)
      #expect(try rows.map { try $0.decode(Int.self, "others") } == [85_400, 12_600])
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("have a limit of 1 to 100,000; the default limit is not part of the definition")
  func limits() async throws {
    func rollup(_ limit: Int) -> Rollup {
      Rollup(
        "visits", of: [], by: [Dimension("path", .field("endpoint"), limit: limit)],
        measures: [Measure("visits", .count)])
    }
    #expect(rollup(1).problem == nil && rollup(100_000).problem == nil)
    #expect(
      rollup(0).problem
        == "the dimension path of the rollup visits has a limit of 0 values: the limit "
        + "must be 1 to 100000"
    )
    #expect(rollup(100_001).problem != nil)
    let encoder = JSONEncoder()
    let usual = try encoder.encode(rollup(Dimension.limitByDefault))
    #expect(!String(decoding: usual, as: UTF8.self).contains("limit"))
    for limit in [1, 1_000, 5_000] {
      let decoded = try JSONDecoder().decode(Rollup.self, from: try encoder.encode(rollup(limit)))
      #expect(decoded == rollup(limit))
    }
  }
}

/// Requests of three days and six services, each with some paths and methods. Half of them have one of ten users.
private struct Visits {
  private var random: SeededGenerator
  private let users: [UUID]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    var random = random
    users = (0..<10).map { _ in random.uuid() }
  }

  mutating func ids(_ count: Int) -> [UUID] { (0..<count).map { _ in random.uuid() } }

  mutating func next(_ count: Int) -> [EnrichedEvent] {
    // Names that locales sort differently, an absent value, and a value that looks like that of the others.
    let paths = ["/b", "/B", "/é", "/e\u{301}", "/a", "", "/ä", Dimension.other, "/c", "/z"]
    return (0..<count).map { _ in
      let minute = Int64.random(in: 0..<3 * 1440, using: &random)
      let service = Int.random(in: 0..<6, using: &random)
      let path = Int.random(in: 0..<(service < 3 ? 10 : 4), using: &random)
      return EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: (1_788_220_800 + minute * 60) * 1_000_000),
        event: .apiRequest(
          service: "s\(service)", endpoint: path == 7 && service > 0 ? "/y" : paths[path],
          method: ["GET", "PUT", "POST"][Int.random(in: 0..<3, using: &random)], statusCode: 200,
          durationMS: Int.random(in: 0..<1000, using: &random),
          userID: Bool.random(using: &random) ? users.randomElement(using: &random) : nil),
        hostname: nil, environment: nil)
    }
  }
}

extension StoreFixture {
  fileprivate func migrate(_ rollups: [Rollup]) async throws {
    try await Migrator(
      AnalyticsDatabase(configuration), rollups: rollups, lockTimeout: .seconds(300)
    ).apply()
  }
}
