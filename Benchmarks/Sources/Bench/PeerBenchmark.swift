import AnalyticsReports
import AnalyticsRollups
import Foundation

/// Asks the reports, DuckDB and ClickHouse the same questions about the same events. `Benchmarks/peers.py` asks the
/// other two, and needs their Python packages. The answers have to agree.
enum PeerBenchmark {
  /// A question, with the way in which the reports answer it.
  struct Question: Sendable {
    var name: String
    /// How many leading columns have to be equal in all engines. The columns after them are percentiles.
    var columns: Int
    var ask: @Sendable (TimeFrame, ReportDatabase) async throws -> Series
    /// The rows in the form in which the peers return them.
    var lines: @Sendable (Series) -> [[String]]
  }

  /// - Parameter size: How many events are made; 0 uses the events that the database has.
  static func run(_ size: Int) async throws {
    let python = ProcessInfo.processInfo.environment["PEERS_PYTHON"] ?? "python3"
    guard (try? Database.run(python, ["-c", "import duckdb, chdb"])) != nil else {
      print(
        "peers: skipped, \(python) lacks duckdb or chdb: install both, or set PEERS_PYTHON")
      return
    }
    var database = try Database.fromEnvironment()
    if size > 0 {
      database.schema = "peers_\(size)"
      try database.psql("-c", "CREATE SCHEMA peers_\(size)")
      try await Generator.fill(database, days: ReportBenchmark.days, events: size)
    } else {
      database.schema = ProcessInfo.processInfo.environment["ANALYTICS_SCHEMA"]
    }
    try await withTemporaryDirectory { directory in
      let events = directory + "/events.csv"
      try database.psql(
        "-c",
        """
        \\copy (SELECT timestamp AT TIME ZONE 'UTC', event_type, service, user_id, data->>'endpoint', data->>'method', data->>'duration_ms' FROM analytics_events) TO '\(events)' (FORMAT csv)
        """)
      let ours = try await Self.ours(database)
      let peers = try ["duckdb", "clickhouse"].map { engine in
        try Peer(engine, python: python, events: events, directory: directory)
      }
      try show(ours, peers, database)
    }
  }

  private static func show(
    _ ours: [(first: Double, again: Double, lines: [[String]])], _ peers: [Peer],
    _ database: Database
  ) throws {
    let count = try database.psql("-c", "SELECT count(*) FROM analytics_events")
    print("## Peers: \(count.trimmed) events on two threads, ms, the least of three\n")
    row(
      "question", "connect and ask", "again", "DuckDB", "ClickHouse", "the better of them, of ours")
    row("---", "---:", "---:", "---:", "---:", "---:")
    for (question, ours) in zip(questions, ours) {
      let theirs = try peers.map { peer in
        let answer = try peer.answer(to: question.name)
        let lines = Set(answer.lines.map { Array($0.prefix(question.columns)) })
        guard lines == Set(ours.lines) else {
          let difference = lines.symmetricDifference(ours.lines).min { $0.joined() < $1.joined() }
          throw BenchError(
            "\(peer.engine) answers \(question.name) differently: \(difference ?? [])")
        }
        return answer.milliseconds
      }
      row(
        question.name, ours.first.rounded, ours.again.rounded, theirs[0].rounded, theirs[1].rounded,
        ((theirs.min() ?? 0) / ours.first).twoDigits)
    }
    print()
    let sizes = try database.psql(
      "-c",
      """
      SELECT (sum(s) FILTER (WHERE is_raw) / 1e6)::int, (sum(s) FILTER (WHERE NOT is_raw) / 1e6)::int
      FROM (SELECT pg_total_relation_size(oid) AS s, relname LIKE 'analytics_events%' AS is_raw
            FROM pg_class
            WHERE relkind = 'r'
              AND relnamespace = (SELECT relnamespace FROM pg_class
                                  WHERE oid = 'analytics_events'::regclass)) AS sizes
      """)
    print(
      "Space, MB: raw events and rollups \(sizes.trimmed); loading, s, and MB: "
        + peers.map { "\($0.engine) \($0.seconds) s, \($0.bytes / 1_000_000)" }.joined(
          separator: "; "))
  }

  /// Asks each question in three new connections, and a second time in each of them.
  private static func ours(
    _ database: Database
  ) async throws -> [(first: Double, again: Double, lines: [[String]])] {
    let bounds = try database.psql(
      "-c",
      """
      SELECT extract(epoch FROM date_trunc('day', min(timestamp) AT TIME ZONE 'UTC'))::bigint,
             extract(epoch FROM date_trunc('day', max(timestamp) AT TIME ZONE 'UTC'))::bigint + 86400
      FROM analytics_events
      """
    ).trimmed.split(separator: "|").compactMap { Double($0) }
    guard bounds.count == 2 else { throw BenchError("there are no events") }
    let dates = bounds.map { Date(timeIntervalSince1970: $0) }
    let frame = try TimeFrame(from: dates[0], to: dates[1])
    var all: [(Double, Double, [[String]])] = []
    for question in questions {
      var times: (first: [Double], again: [Double]) = ([], [])
      var lines: [[String]] = []
      for _ in 0..<3 {
        let reports = try ReportDatabase(
          AnalyticsDatabase(url: database.url, schema: database.schema))
        times.first.append(
          try await seconds { lines = question.lines(try await question.ask(frame, reports)) })
        times.again.append(try await seconds { _ = try await question.ask(frame, reports) })
      }
      all.append(((times.first.min() ?? 0) * 1000, (times.again.min() ?? 0) * 1000, lines))
    }
    return all
  }

  // MARK: - Questions

  private static let users = RollupReport(
    "users", "Users.", over: .activity, figures: [RollupFigure("users", .distinct("users", .users))]
  )

  private static func users(
    _ frame: TimeFrame, in zone: TimeZone = .gmt, windows: [Int] = []
  ) throws -> RollupQuery {
    // Days of other time zones begin earlier or later, so the range is a day longer at both ends.
    let wider = try TimeFrame(
      from: frame.range.lowerBound.addingTimeInterval(-86_400),
      to: frame.range.upperBound.addingTimeInterval(86_400), in: zone)
    var query = RollupQuery(users, frame: zone == .gmt ? frame : wider)
    query.windows = windows
    return query
  }

  private static let questions: [Question] = [
    Question(
      name: "events by type and day", columns: 3,
      ask: { try await RollupQuery(.eventsByType, frame: $0).series(from: $1) },
      lines: { $0.lines(["day", "event_type", "events"]) }),
    Question(
      name: "users by day", columns: 2,
      ask: { try await users($0).series(from: $1) }, lines: { $0.lines(["day", "users"]) }),
    Question(
      name: "users by day in Kathmandu", columns: 2,
      ask: {
        try await users($0, in: TimeZone(identifier: "Asia/Kathmandu") ?? .gmt).series(from: $1)
      }, lines: { $0.lines(["day", "users"]) }),
    Question(
      name: "users of 30 days, for each day", columns: 2,
      ask: { try await users($0, windows: [30]).series(from: $1) },
      lines: { $0.lines(["day", "users_30_days"]) }),
    Question(
      name: "latency by day", columns: 2,
      ask: { try await RollupQuery(.apiLatency, frame: $0).series(from: $1) },
      lines: { $0.lines(["day", "request_count"]) }),
    Question(
      name: "latency by endpoint and day", columns: 5,
      ask: { frame, database in
        var query = RollupQuery(.apiLatency, frame: frame)
        query.groups = ["service", "endpoint", "method"]
        return try await query.series(from: database)
      }, lines: { $0.lines(["day", "service", "endpoint", "method", "request_count"]) }),
    Question(
      name: "hours of the week", columns: 3,
      ask: { try await HourOfWeek(frame: $0).series(from: $1) },
      lines: { $0.lines(["weekday", "hour", "active_users"]) }),
    Question(
      name: "retention by week", columns: 3,
      ask: { frame, database in
        let weeks = try TimeFrame(
          from: frame.range.lowerBound, to: frame.range.upperBound, by: .week)
        return try await Cohorts(in: weeks, periods: 12, now: .distantFuture).series(from: database)
      },
      lines: { series in
        series.rows.flatMap { row -> [[String]] in
          guard case .integer(let users) = row[1], users > 0 else { return [] }
          return (0...12).compactMap { later in
            guard later > 0 else { return [row[0].text(), "0", "\(users)"] }
            guard case .number(let share) = row[1 + later], share > 0 else { return nil }
            return [row[0].text(), "\(later)", "\(Int((share * Double(users)).rounded()))"]
          }
        }
      }),
  ]
}

/// The answer of another engine.
private struct Peer {
  let engine: String
  private(set) var seconds = 0.0
  private(set) var bytes = 0
  private var answers: [String: (Double, String)] = [:]

  init(_ engine: String, python: String, events: String, directory: String) throws {
    self.engine = engine
    let script = FileManager.default.currentDirectoryPath + "/Benchmarks/peers.py"
    let output = try Database.run(python, [script, engine, events, directory])
    for line in output.split(separator: "\n") {
      let parts = line.split(separator: "\t").map(String.init)
      guard parts.count == 3 else { continue }
      if parts[0] == "loaded" {
        (seconds, bytes) = (Double(parts[1]) ?? 0, Int(parts[2]) ?? 0)
      } else {
        answers[parts[0]] = (Double(parts[1]) ?? 0, parts[2])
      }
    }
  }

  func answer(to question: String) throws -> (milliseconds: Double, lines: [[String]]) {
    guard let (milliseconds, path) = answers[question] else {
      throw BenchError("\(engine) has no answer to \(question)")
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return (
      milliseconds,
      text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    )
  }
}

extension Series {
  /// Selects columns by name, from the rows whose last selected column is not 0.
  fileprivate func lines(_ names: [String]) -> [[String]] {
    let indices = names.compactMap { name in columns.firstIndex { $0.name == name } }
    return rows.filter { $0[indices[indices.count - 1]] != .integer(0) }
      .map { row in indices.map { row[$0].text(in: zone) } }
  }
}

extension Series.Value {
  /// The value as the peers write it. A time is written as its day.
  fileprivate func text(in zone: TimeZone = .gmt) -> String {
    switch self {
    case .instant(let date): LocalTime(date, in: zone).dayText
    case .text(let text): text
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .null, .absent, .others: ""
    }
  }
}
