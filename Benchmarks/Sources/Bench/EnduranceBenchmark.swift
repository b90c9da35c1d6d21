import Analytics
import AnalyticsReports
import Foundation
import Synchronization

/// Measures what only a run of minutes shows: writers that do not pause while events are rolled up and reports are
/// read, and many small commits while one snapshot stays open.
enum EnduranceBenchmark {
  /// Runs one writer, then four: into a table without rollups, and into our table until all events are rolled up.
  static func writers(for length: Int) async throws {
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    let bare = try RollupBenchmark.makeBare(database)
    for each in [database, bare] { try each.psql("-c", ensurePartitions) }
    var workload = Workload()
    let events = (0..<250_000).map { _ in workload.next() }
    for writers in [1, 4] {
      try database.empty()
      let plain = try await write(events, by: writers, to: bare, for: length)
      try database.empty()
      let log = Log()
      async let reporting: Void = onThread { try requestReports(database, log) }
      let stored = try await write(events, by: writers, to: database, for: length)
      log.end()
      let rest = try await seconds { try database.analytics("rollups", "refresh") }
      try await reporting
      let rates = (
        plain: Double(plain.events) / plain.seconds,
        ours: Double(stored.events) / (stored.seconds + rest)
      )
      print("## Writers that do not pause for \(length) s: \(writers), with reports beside them\n")
      row("way", "events/s", "of without")
      row("---", "---:", "---:")
      row("without rollups", rates.plain.rounded, "1.00")
      row(
        "with rollups, until all is rolled up", rates.ours.rounded,
        (rates.ours / rates.plain).twoDigits)
      print("\n\(stored.events) events; the last were rolled up \(rest.twoDigits) s later.\n")
      row("report, a process, ms", "asked", "median", "longest")
      row("---", "---:", "---:", "---:")
      for (name, times) in log.times.sorted(by: { $0.key < $1.key }) {
        row("`\(name)`", "\(times.count)", times.median.rounded, times.percentile(1).rounded)
      }
      print()
    }
    try RollupBenchmark.dropBare(database)
  }

  /// Commits a thousand times a second, one event each. One snapshot stays open all the time.
  static func commits(for length: Int) async throws {
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    try database.psql("-c", ensurePartitions)
    let before = try count(database)
    try await withTemporaryDirectory { directory in
      let script = directory + "/insert.sql"
      try """
      INSERT INTO analytics_events (id, timestamp, event_type, service, data)
      VALUES (gen_random_uuid(), now(), 'commits_benchmark', 'bench', '{}');
      """.write(toFile: script, atomically: false, encoding: .utf8)
      let snapshot = try PsqlSession(database)
      try snapshot.run(
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM analytics_events;")
      let log = Log()
      async let rollingUp: Void = onThread { try rollUp(database, log) }
      async let reading: Void = onThread { try readMarkers(database, log) }
      try await onThread {
        _ = try Database.run(
          "pgbench",
          ["-n", "-R", "1000", "-c", "8", "-T", "\(length)", "-f", script, database.url])
      }
      log.end()
      _ = try await (rollingUp, reading)
      let committed = try count(database) - before
      print(
        "## \(committed) commits in \(length) s, of an event each, beside a snapshot held open\n")
      row("reading the markers, ms", "first 10 %: median", "last 10 %: median", "longest of all")
      row("---", "---:", "---:", "---:")
      for (name, times) in log.times.sorted(by: { $0.key < $1.key }) {
        let tenth = max(1, times.count / 10)
        row(
          name, Array(times.prefix(tenth)).median.twoDigits,
          Array(times.suffix(tenth)).median.twoDigits, times.percentile(1).twoDigits)
      }
      print()
      print(
        try database.psql(
          "-c",
          """
          SELECT format('Then %s markers in %s kB, and %s ranges of numbers to look at.', count(*),
                        pg_total_relation_size('analytics_pending') / 1024,
                        (SELECT count(*) FROM analytics_rolled_up, unnest(others)))
          FROM analytics_pending
          """))
      try snapshot.run("COMMIT;")
    }
  }

  private static let ensurePartitions =
    "SELECT analytics_ensure_partitions(ARRAY[now(), now() + interval '1 day'])"

  private static func count(_ database: Database) throws -> Int {
    Int(try database.psql("-c", "SELECT count(*) FROM analytics_events").trimmed) ?? 0
  }

  // MARK: - Concurrent work

  private final class Log: Sendable {
    private let state = Mutex((isOver: false, times: [String: [Double]]()))

    var isOver: Bool { state.withLock { $0.isOver } }
    /// Milliseconds, by the name of the operation.
    var times: [String: [Double]] { state.withLock { $0.times } }
    func end() { state.withLock { $0.isOver = true } }
    func add(_ milliseconds: Double, to name: String) {
      state.withLock { $0.times[name, default: []].append(milliseconds) }
    }
  }

  /// Runs clients that track as fast as their events are stored. Each has a worker of its own, which also rolls up.
  ///
  /// - Returns: The number of events stored, and the time that this took.
  private static func write(
    _ events: [AnalyticsEvent], by writers: Int, to database: Database, for length: Int
  ) async throws -> (events: Int, seconds: Double) {
    let start = ContinuousClock.now
    let end = start + .seconds(length)
    let stored = try await withThrowingTaskGroup(of: Int.self) { group in
      for writer in 0..<writers {
        group.addTask {
          try await withTemporaryDirectory { spool in
            var stored = 0
            try await Generator.withClient(of: database, buffer: .durable(directory: spool)) {
              analytics in
              try await onThread {
                for number in (writer * 1000)... {
                  analytics.track(events[number % events.count])
                  guard number % 1000 == 0 else { continue }
                  if ContinuousClock.now > end { break }
                  while analytics.accounting.pending > 50_000 { usleep(1000) }
                }
              }
              try await analytics.flush(timeout: .seconds(300))
              stored = analytics.accounting.stored
            }
            return stored
          }
        }
      }
      return try await group.reduce(0, +)
    }
    return (stored, (ContinuousClock.now - start) / .seconds(1))
  }

  /// Requests one report a second.
  private static func requestReports(_ database: Database, _ log: Log) throws {
    let from = LocalTime(Date().addingTimeInterval(-59 * 86_400), in: .gmt).dayText
    let reports = ["events-by-type", "active-users", "api-latency", "errors"]
    for number in 0... {
      guard !log.isOver else { return }
      let report = reports[number % reports.count]
      let time = try milliseconds {
        try database.analytics("report", report, "--from", from, "--format", "json")
      }
      log.add(time, to: report)
      Thread.sleep(forTimeInterval: max(0, 1 - time / 1000))
    }
  }

  /// Rolls up as a worker does. If no event is left, it continues a second later.
  private static func rollUp(_ database: Database, _ log: Log) throws {
    while !log.isOver {
      try database.analytics("rollups", "refresh")
      Thread.sleep(forTimeInterval: 1)
    }
  }

  /// Checks each second whether events are pending, as a report does: in a new session, then again in the same session.
  private static func readMarkers(_ database: Database, _ log: Log) throws {
    let statement = "SELECT analytics_are_pending();"
    while !log.isOver {
      let session = try PsqlSession(database)
      try session.run("\\timing on")
      for name in ["in a new session", "again"] {
        let line = try session.run(statement).split(separator: "\n").last ?? ""
        log.add(Double(line.split(separator: " ").dropFirst().first ?? "") ?? .nan, to: name)
      }
      Thread.sleep(forTimeInterval: 1)
    }
  }

  private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .milliseconds(1)
  }

  /// A blocking call runs on a thread of its own.
  private static func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
  }
}
