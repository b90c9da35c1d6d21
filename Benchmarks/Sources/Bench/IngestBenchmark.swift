import Analytics
import AnalyticsStore
import Foundation
import ServiceLifecycle

/// From `track` to committed rows, beside psql's `\copy` of the same rows and the way of adi-analytics.
enum IngestBenchmark {
  static let count = 400_000
  static let rounds = 5
  static let columns = "id, timestamp, event_type, service, user_id, hostname, environment, data"

  static func run() async throws {
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    try await withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
      var workload = Workload()
      let events = workload.lastHour(count)
      let rows = directory + "/rows.copy"
      let inserts = try prepareSeed(database, directory: directory, rows: rows, events: events)

      var track: [Double] = []
      var copy: [Double] = []
      var seed: [Double] = []
      for _ in 0..<rounds {
        try database.empty()
        track.append(Double(count) / (try await trackAll(events, database, directory: directory)))
        try database.empty()
        copy.append(
          Double(count)
            / (try await seconds {
              try database.psql(
                "-c", "\\copy analytics_events (\(columns)) from '\(rows)' (format binary)")
            }))
        try database.psql("-c", "TRUNCATE seed_events", "-c", "CHECKPOINT")
        seed.append(
          Double(inserts.count) / (try await seconds { try database.psql("-f", inserts.path) }))
      }
      print("## From track to committed rows, \(count) events, median of \(rounds) rounds\n")
      row("way", "events/s", "of \\copy", "of adi-analytics")
      row("---", "---:", "---:", "---:")
      for (name, rates) in [
        ("track → worker → sink, durable", track), ("psql \\copy, binary", copy),
        ("adi-analytics: INSERT of 100 rows into its table", seed),
      ] {
        row(
          name, rates.median.rounded, (rates.median / copy.median).twoDigits,
          (rates.median / seed.median).twoDigits)
      }
      print()
    }
  }

  private static func trackAll(
    _ events: [EnrichedEvent], _ database: Database, directory: String
  ) async throws -> Double {
    let sink = try PostgresEventSink(url: database.url)
    let analytics = try AnalyticsClient(
      AnalyticsConfiguration(service: "bench", buffer: .durable(directory: directory + "/spool")),
      sink: sink)
    let group = ServiceGroup(services: [AnalyticsWorker(analytics)], logger: .init(label: "bench"))
    let running = Task { try await group.run() }
    // The first batch would otherwise include the time that connecting takes.
    analytics.track(events[0].event, at: events[0].timestamp)
    while (try? await analytics.flush()) == nil { await Task.yield() }
    let time = try await seconds {
      for event in events { analytics.track(event.event, at: event.timestamp) }
      try await analytics.flush(timeout: .seconds(300))
    }
    await group.triggerGracefulShutdown()
    try await running.value
    guard analytics.accounting.stored == events.count + 1 else {
      throw BenchError("not all events were stored: \(analytics.accounting)")
    }
    return time
  }

  /// Makes the table of adi-analytics, and files with the same rows for the other two ways.
  static func prepareSeed(
    _ database: Database, directory: String, rows: String, events: [EnrichedEvent]
  ) throws -> (path: String, count: Int) {
    try database.psql(
      "-c", "DROP TABLE IF EXISTS seed_events",
      "-c",
      """
      CREATE TABLE seed_events (id bigserial, timestamp timestamptz NOT NULL DEFAULT now(),
        event_type varchar(100) NOT NULL, service varchar(100) NOT NULL, user_id uuid,
        data jsonb NOT NULL, PRIMARY KEY (timestamp, id))
      """,
      "-c", "CREATE INDEX ON seed_events (user_id, timestamp DESC) WHERE user_id IS NOT NULL",
      "-c", "CREATE INDEX ON seed_events (event_type, timestamp DESC)",
      "-c", "CREATE INDEX ON seed_events (service, timestamp DESC)")
    let lines = directory + "/events.ndjson"
    try ImportBenchmark.write(events, to: lines)
    try database.empty()
    try database.analytics("import", lines)
    try database.psql(
      "-c", "\\copy (select \(columns) from analytics_events) to '\(rows)' (format binary)")

    // A quarter of the rows as literals. Each hundred rows are one statement and one transaction.
    let count = events.count / 4
    let values = try database.psql(
      "-c",
      """
      SELECT format('(%L,%L,%L,%L,%L)', timestamp, event_type, service, user_id,
        data || jsonb_build_object('type', event_type, 'user_id', user_id))
      FROM analytics_events LIMIT \(count)
      """
    ).split(separator: "\n")
    let path = directory + "/seed.sql"
    var text = ""
    for start in stride(from: 0, to: values.count, by: 100) {
      text += "INSERT INTO seed_events (timestamp, event_type, service, user_id, data) VALUES "
      text += values[start..<min(start + 100, values.count)].joined(separator: ",") + ";\n"
    }
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return (path, values.count)
  }
}
