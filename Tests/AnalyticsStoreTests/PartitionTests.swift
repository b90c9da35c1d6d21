import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Partitions")
struct PartitionTests {
  private struct Bounds: Equatable {
    var name: String
    var range: Range<Int64>
  }

  private static let microsecondsPerDay: Int64 = 86_400_000_000

  private func partitions(_ store: StoreFixture) async throws -> [Bounds] {
    let rows = try await store.connection.query(
      """
      SELECT partition::text, lower_bound, upper_bound FROM analytics_partitions()
      ORDER BY lower_bound
      """)
    return try rows.map { row in
      let lower = try row.decode(PostgresTimestamp.self, at: 1)
      let upper = try row.decode(PostgresTimestamp.self, at: 2)
      return Bounds(
        name: try row.decode(String.self, at: 0), range: lower.microseconds..<upper.microseconds)
    }
  }

  private func ensure(_ connection: PostgresConnection, _ instants: [Int64]) async throws {
    _ = try await connection.query(
      "SELECT * FROM analytics_ensure_partitions($1)", [.timestamptzArray(microseconds: instants)])
  }

  @Test("any instant of the years 1 to 9999 is in exactly one, even with concurrent writers")
  func anyInstant() async throws {
    var generator = SeededGenerator.printingSeed()
    let whole = EventTimestamp.supportedRange
    let now: Int64 = 845_000_000_000_000
    let instants = (0..<150).map { index -> Int64 in
      if index % 3 == 0 {
        return Int64.random(
          in: whole.lowerBound
            .microsecondsSincePostgresEpoch..<whole.upperBound.microsecondsSincePostgresEpoch,
          using: &generator)
      }
      return now
        + Int64.random(in: -1200...1200, using: &generator) * Self.microsecondsPerDay
        + Int64.random(in: 0..<Self.microsecondsPerDay, using: &generator)
    }
    let shares = (0..<4).map { _ in instants.shuffled(using: &generator) }
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for share in shares {
          group.addTask {
            let connection = try await PostgresConnection.connect(store.configuration)
            for start in stride(from: 0, to: share.count, by: 10) {
              try await ensure(connection, Array(share[start..<min(start + 10, share.count)]))
            }
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      let found = try await partitions(store).map(\.range)
      for (left, right) in zip(found, found.dropFirst()) {
        #expect(left.upperBound <= right.lowerBound, "overlap, seed \(generator.seed)")
      }
      for instant in instants {
        #expect(found.count { $0.contains(instant) } == 1, "seed \(generator.seed)")
      }
      let isAligned: Bool = try await store.scalar(
        """
        SELECT bool_and(lower_bound = date_trunc(unit, lower_bound, 'UTC')
          AND upper_bound = date_trunc('day', upper_bound, 'UTC'))
        FROM analytics_partitions(), LATERAL (SELECT CASE
          WHEN upper_bound - lower_bound = interval '1 day' THEN 'day'
          WHEN upper_bound - lower_bound < interval '32 days' THEN 'month' ELSE 'year' END) AS u(unit)
        """)
      #expect(isAligned)
    }
  }

  @Test("the first and the last instant have a partition; instants beyond are refused")
  func limits() async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      let range = EventTimestamp.supportedRange
      let first = range.lowerBound.microsecondsSincePostgresEpoch
      let end = range.upperBound.microsecondsSincePostgresEpoch
      try await ensure(store.connection, [first, end - 1])
      #expect(
        try await partitions(store).map(\.name) == [
          "analytics_events_0001", "analytics_events_9999",
        ]
      )
      for outside in [first - 1, end] {
        let error = await #expect(throws: PostgresError.self) {
          try await ensure(store.connection, [outside])
        }
        #expect(error?.isDataError == true)
      }
    }
  }

  @Test(
    "are days for recent times, months for older times, years for distant times",
    arguments: [
      (0, "day"), (99, "day"), (140, "month"), (600, "month"), (1200, "year"), (-50, "day"),
      (-140, "month"), (-1200, "year"),
    ])
  func grain(daysAgo: Int, expected: String) async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      let grain: String = try await store.scalar(
        """
        SELECT CASE WHEN upper_bound - lower_bound = interval '1 day' THEN 'day'
          WHEN upper_bound - lower_bound < interval '32 days' THEN 'month' ELSE 'year' END
        FROM analytics_ensure_partitions(ARRAY[now() - make_interval(days => $1::integer)])
        """, [.int4(Int32(daysAgo))])
      #expect(grain == expected)
    }
  }

  @Test("if part of a large range is occupied, a smaller partition is created")
  func smaller() async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      try await store.connection.execute(
        """
        CREATE TABLE own_day PARTITION OF analytics_events
          FOR VALUES FROM ('2015-05-17 00:00Z') TO ('2015-05-18 00:00Z');
        CREATE TABLE own_hour PARTITION OF analytics_events
          FOR VALUES FROM ('2015-05-20 06:00Z') TO ('2015-05-20 07:00Z');
        """)
      _ = try await store.connection.query(
        """
        SELECT * FROM analytics_ensure_partitions(ARRAY['2015-03-01 00:00Z', '2015-05-17 12:00Z',
          '2015-05-19 12:00Z', '2015-05-20 08:00Z', '2015-05-20 01:00Z']::timestamptz[])
        """)
      let names = try await partitions(store).map(\.name)
      #expect(
        names == [
          "analytics_events_2015_03", "own_day", "analytics_events_2015_05_19",
          "analytics_events_2015_05_20", "own_hour", "analytics_events_2015_05_20_part2",
        ])
    }
  }

  @Test("a partition is created while a report reads and another writer inserts")
  func besideAReader() async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      try await ensure(store.connection, [0])
      let writer = try await PostgresConnection.connect(store.configuration)
      try await writer.transaction { writer in
        try await writer.execute(
          """
          INSERT INTO analytics_events (id, timestamp, event_type, service, data)
          VALUES (gen_random_uuid(), '2000-01-01 00:00Z', 't', 's', '{}');
          SELECT count(*) FROM analytics_events;
          """)
        _ = try await store.connection.query(
          "SELECT * FROM analytics_ensure_partitions(ARRAY['2005-01-01 00:00Z']::timestamptz[])",
          deadline: .seconds(120))
      }
      await writer.close()
      #expect(try await partitions(store).count == 2)
    }
  }

  @Test("the name of a detached partition is not reused")
  func keptAside() async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      try await ensure(store.connection, [0])
      try await store.connection.execute(
        "ALTER TABLE analytics_events DETACH PARTITION analytics_events_2000")
      try await ensure(store.connection, [0])
      #expect(try await partitions(store).map(\.name) == ["analytics_events_2000_part2"])
    }
  }

  @Test(
    "do not depend on the session's time zone and date style",
    arguments: [
      "-c timezone=Asia/Kathmandu -c datestyle=German", "-c timezone=America/St_Johns",
    ])
  func sessionSettings(options: String) async throws {
    try await withStore { store in
      try await store.migrator(engine: .plain).apply()
      var configuration = store.configuration
      configuration.parameters["options"] = options
      let connection = try await PostgresConnection.connect(configuration)
      try await ensure(connection, [0, 366 * Self.microsecondsPerDay])
      try await ensure(connection, [0, 366 * Self.microsecondsPerDay])
      await connection.close()
      #expect(
        try await partitions(store).map(\.name) == [
          "analytics_events_2000", "analytics_events_2001",
        ]
      )
    }
  }
}
