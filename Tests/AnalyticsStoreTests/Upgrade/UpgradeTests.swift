import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// `installation_at_017.sql` is a dump of an installation in which a trigger kept the rollups. It was made with
/// `pg_dump --inserts`, and has no commands that only psql knows. The installation has 300 events; retention has
/// dropped the raw events of the first day. The schema `before` has the contents of its relations.
@Suite("Upgrade of an installation from before pending events", .timeLimit(.minutes(60)))
struct UpgradeTests {
  /// The queries that compare a relation of the dump with today's relation. Newer definitions have more dimensions.
  private static let questions: [(table: String, relation: String, question: String)] = [
    (
      "events", "analytics_rollup_events",
      "SELECT quarter, event_type, service, environment, events, user_events, version FROM"
    ),
    (
      "requests", "analytics_rollup_api_requests_daily",
      """
      SELECT day, service, endpoint, method, sum(requests), sum(errors_4xx), sum(errors_5xx),
             sum(duration_ms_sum), analytics_histogram_sorted(analytics_histogram_sum(duration_ms))
      FROM (SELECT * FROM %) AS r GROUP BY day, service, endpoint, method
      """
    ),
    (
      "days", "analytics_rollup_activity_users",
      "SELECT day, member, bit_or(quarters) FROM (SELECT * FROM %) AS d GROUP BY day, member"
    ),
    ("environments", "stat_environment_updates", "SELECT * FROM"),
    // The message was the alphabetically first one, and now is that of the earliest event.
    (
      "errors", "analytics_errors_hourly",
      """
      SELECT hour, service, error_type, error_count, affected_users, sample_error_message IS NULL
      FROM (SELECT * FROM %) AS h
      """
    ),
    ("active", "analytics_daily_active_users", "SELECT * FROM"),
    ("users", "analytics_users", "SELECT user_id, first_day FROM"),
  ]

  private func expectFigures(_ store: StoreFixture, _ comment: Comment) async throws {
    for (table, relation, question) in Self.questions {
      let texts = ["before.\(table)", relation].map { name in
        question.contains("%")
          ? question.replacingOccurrences(of: "%", with: name) : "\(question) \(name)"
      }
      for (left, right) in [(texts[0], texts[1]), (texts[1], texts[0])] {
        let differing: Int = try await store.scalar(
          "SELECT count(*) FROM ((\(left)) EXCEPT ALL (\(right))) AS d")
        #expect(differing == 0, "\(comment): \(left) and \(right)")
      }
    }
  }

  private func restore(_ store: StoreFixture) async throws {
    let dump = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "installation_at_017.sql")
    let script = try String(contentsOf: dump, encoding: .utf8)
    try await PostgresConnection.withConnection(to: store.configuration) { restoring in
      try await restoring.execute(script)
    }
  }

  @Test("counts new events even if a later migration fails")
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

  @Test(
    "keeps messages and cocoons of days without raw events, and warns about missing figures")
  func former() async throws {
    try await withStore { store in
      try await restore(store)
      // The raw events of the first day are gone.
      let cocoons: Int = try await store.scalar(
        """
        SELECT count(*) FROM (
            SELECT member FROM analytics_rollup_cocoons_cocoons_v1 WHERE day < '2026-09-02 00:00Z'
            UNION
            SELECT data->>'cocoon_id' FROM analytics_events
            WHERE event_type IN ('cocoon_registered', 'cocoon_connected')) AS seen
        """)
      let integrations: Int = try await store.scalar(
        """
        SELECT count(DISTINCT data->>'integration_id') FROM analytics_events
        WHERE event_type = 'integration_connected'
        """)
      try await store.connection.execute(
        "CREATE TABLE before.quarters AS SELECT * FROM analytics_rollup_errors_v1")
      try await store.migrator(engine: .plain).apply()
      let differing: Int = try await store.scalar(
        """
        SELECT count(*) FROM (SELECT * FROM before.quarters WHERE quarter < '2026-09-02 00:00Z') AS b
        FULL JOIN (SELECT * FROM analytics_rollup_errors WHERE quarter < '2026-09-02 00:00Z') AS r
            USING (quarter, service, error_type)
        WHERE b.sample_error_message IS DISTINCT FROM r.sample_error_message
        """)
      #expect(differing == 0)
      // Of several quarters the message is that of the earliest, although another is alphabetically first.
      let ofHour: String = try await store.scalar(
        """
        SELECT sample_error_message FROM analytics_errors_hourly
        WHERE hour = '2026-09-01 13:00Z' AND error_type = 'E2'
        """)
      #expect(ofHour == "message 6")
      let reports = ReportDatabase(AnalyticsDatabase(store.configuration))
      let start = try Date("2026-09-01T00:00:00Z", strategy: .iso8601)
      let frame = try TimeFrame(
        from: start, to: start.addingTimeInterval(4 * 86_400), by: .total)
      let errors = try await RollupQuery(.errors, frame: frame).series(from: reports)
      // Days were kept as a whole, so the first day has the alphabetically first message.
      #expect(errors.rows.compactMap(\.last) == ["4", "1", "1"].map { .text("message \($0)") })

      let overview = try await Overview(now: start.addingTimeInterval(4 * 86_400))
        .series(from: reports)
      let values = Dictionary(
        zip(overview.columns.map(\.name), overview.rows[0]), uniquingKeysWith: { first, _ in first }
      )
      #expect(values["total_cocoons"] == .integer(cocoons))
      #expect(values["total_integrations"] == .integer(integrations))
      #expect(
        overview.warnings.filter { $0.contains("total_") } == [
          "total_integrations counts integrations connected since 2026-09-02T00:00:00Z: older "
            + "definitions of the rollup integrations did not record connections",
          "before 2026-09-02T00:00:00Z total_cocoons counts cocoons with any event: older "
            + "definitions of the rollup cocoons did not record which event it was",
        ])
    }
  }

  @Test("keeps its figures, also for days without raw events, and counts new events")
  func figuresStay() async throws {
    try await withStore { store in
      try await restore(store)
      let applied = try await store.migrator(engine: .plain).apply()
      #expect(applied.first?.version == 18)
      // Newer definitions are computed for days with raw events. Until then the old figures are shown.
      try await expectFigures(store, "migrated")
      try await store.rollups.refresh()
      try await expectFigures(store, "refreshed")
      #expect(try await store.rollups.verify() == [])
      #expect(try await store.scalar("SELECT events FROM analytics_rolling_up()") == 0)
      let types: [String] = try await store.connection.query(
        """
        SELECT DISTINCT data_type FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name ~ '^analytics_rollup_.*_v[0-9]+$' AND column_name ~ '_sum$'
        """
      ).values()
      #expect(types == ["numeric"])

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

  /// An application's own rollups, with the names and dimensions that are hardest to migrate.
  private static let own = [
    Rollup(
      "orders", of: ["order"],
      by: ["place", "number", "chunk", "members", "eight", "quarter_of", "f"].map {
        Dimension($0, .field($0))
      },
      measures: [
        Measure("buyers", .distinct(.userID)), Measure("devices", .distinct(.field("device"))),
      ]),
    Rollup(
      "deliveries", of: ["delivery"],
      measures: [
        Measure("devices", .distinct(.field("device"))), Measure("kinds", .distinct(.service)),
      ]),
    Rollup(
      "abcdefghijklmnopqrstuvwx", of: [],
      measures: [Measure("abcdefghijklmnopqrstuvwx", .distinct(.userID))]),
    Rollup("visits", version: 1, of: [], measures: [Measure("visitors", .distinct(.field("ip")))]),
    Rollup("visits", version: 2, of: [], measures: [Measure("visitors", .distinct(.userID))]),
  ]

  @Test("keeps members of an application's own rollups with any names")
  func ownRollups() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      try await restore(store)
      try await store.connection.execute("SELECT setseed(\(Double(seed % 1000) / 1000))")
      for rollup in Self.own { try await keepAsBefore(rollup, store) }
      try await store.migrator(engine: .plain).apply()
      for rollup in Self.own {
        for measure in rollup.distinctMeasures {
          // The newest version has the view. An older version is shown only if it counted the same.
          let isShown = rollup != Self.own[3]
          let columns = (["day"] + rollup.dimensions.map(\.name) + ["member", "quarters"])
            .joined(separator: ", ")
          let before =
            "SELECT \(columns) FROM before.\(rollup.name)_\(measure.name)_\(rollup.version)"
          let after = """
            SELECT \(columns) FROM \(rollup.memberRelation(measure)) WHERE version = \(rollup.version)
            """
          for (left, right) in isShown ? [(before, after), (after, before)] : [] {
            let differing: Int = try await store.scalar(
              "SELECT count(*) FROM (\(left) EXCEPT ALL \(right)) AS d")
            #expect(differing == 0, "\(left) and \(right)")
          }
          let shown: Int = try await store.scalar("SELECT count(*) FROM (\(after)) AS a")
          #expect(isShown ? shown > 0 : shown == 0)
        }
      }
      // The rollups continue to count.
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let order = EnrichedEvent(
        timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_788_307_200_000_000),
        event: .custom(
          DynamicEvent(
            type: "order", userID: UUID(),
            fields: ["place": "here", "number": "7", "device": "new"])),
        hostname: nil, environment: nil)
      _ = try await sink.write(.encoding([order], ids: [UUID()]))
      for _ in 0..<2 {
        let devices: Int = try await store.scalar(
          """
          SELECT count(*) FROM analytics_rollup_orders_devices
          WHERE place = 'here' AND number = '7' AND member = 'new'
          """)
        #expect(devices == 1)
        try await store.connection.rollUp()
      }
    }
  }

  /// Registers a rollup and fills its tables as the version of the dump had them.
  private func keepAsBefore(_ rollup: Rollup, _ store: StoreFixture) async throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let definition = String(decoding: try encoder.encode(rollup), as: UTF8.self)
    _ = try await store.connection.query(
      "INSERT INTO analytics_rollups (name, version, definition) VALUES ($1, $2, $3)",
      [.text(rollup.name), .int4(Int32(rollup.version)), .text(definition)])
    for measure in rollup.distinctMeasures {
      let isOfUsers = measure.kind == .distinct(.userID)
      let table = "analytics_rollup_\(rollup.name)_\(measure.name)_v\(rollup.version)".prefix(63)
      let dimensions = rollup.dimensions.map { "\($0.name) text COLLATE \"C\"," }.joined()
      let values = rollup.dimensions.map { _ in "(random() * 2)::int::text," }.joined()
      try await store.connection.execute(
        """
        CREATE TABLE \(table) (day timestamptz, \(dimensions)
            member \(isOfUsers ? "uuid" : "text COLLATE \"C\""), quarters bit(96));
        INSERT INTO \(table)
        SELECT '2026-09-01 00:00Z'::timestamptz + (random() * 3)::int * interval '1 day', \(values)
               \(isOfUsers ? "md5((n % 90)::text)::uuid" : "'d' || n % 70"),
               set_bit(set_bit(0::bit(96), (random() * 95)::int, 1), (random() * 95)::int, 1)
        FROM generate_series(1, 400) AS n;
        DELETE FROM \(table) AS one USING \(table) AS other
        WHERE one.ctid < other.ctid AND to_jsonb(one) - 'quarters' = to_jsonb(other) - 'quarters';
        CREATE TABLE before.\(rollup.name)_\(measure.name)_\(rollup.version) AS SELECT * FROM \(table)
        """)
    }
  }
}
