import AnalyticsReports
import AnalyticsServer
import Foundation
import Hummingbird
import Logging

/// What the server adds to the cost of reports: for one answer, for the requests of a second, and at its start. Also how
/// long pages take.
enum ServerBenchmark {
  private static let rounds = 21
  private static let days = 60
  private static let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

  /// - Parameter size: How many events are made; 0 uses the events that the database has.
  static func run(_ size: Int) async throws {
    var database = try Database.fromEnvironment()
    if size > 0 {
      database.schema = "server_\(size)"
      try database.psql("-c", "CREATE SCHEMA server_\(size)")
      try await Generator.fill(database, days: days, events: size)
    }
    print("## server: \(size > 0 ? "\(size) events of \(days) days" : "the existing database")\n")
    try await start(database)
    let (urls, listening) = AsyncStream<Int>.makeStream()
    let server = ReportServer(
      try AnalyticsDatabase(url: database.url, schema: database.schema), configuration(),
      logger: silent
    ) { url in
      listening.yield(URL(string: url)?.port ?? 0)
    }
    let running = Task { try await server.run() }
    guard let port = await urls.first(where: { _ in true }) else { return }
    try await reports(port, database)
    try metrics(port)
    try pages(port)
    try await throughput(port)
    running.cancel()
    _ = await running.result
  }

  private static func configuration() -> ReportServerConfiguration {
    var configuration = ReportServerConfiguration()
    configuration.port = 0
    configuration.limits.requestsPerSecond = 0
    for number in 0..<1000 {
      configuration.metrics.makeCounter(
        label: "bench_things_total", dimensions: [("number", String(number))]
      ).increment(by: Int64(number))
    }
    return configuration
  }

  private static func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
    try await seconds(body) * 1000
  }

  private static func verdict(_ isMet: Bool) -> String { isMet ? "met" : "MISSED" }

  // MARK: - An answer

  /// The ranges have not ended, so that no answer is cached.
  private static func reports(_ port: Int, _ database: Database) async throws {
    print("Report over HTTP and in process, ms, median of \(rounds), in turn:\n")
    row("report", "in process", "over HTTP", "more", "target: 2")
    row("---", "---:", "---:", "---:", "---")
    let client = try HTTPConnection(port: port)
    let direct = try ReportDatabase(AnalyticsDatabase(url: database.url, schema: database.schema))
    for name in ["overview", "events-by-type", "tasks", "api-latency", "errors", "environments"] {
      var times = (direct: [Double](), http: [Double]())
      for round in 0..<rounds + 3 {
        let inProcess = try await milliseconds {
          _ = try await ReportCatalogue.standard.report(name).series(from: direct)
        }
        let overHTTP = try await milliseconds { try client.get("/api/v1/reports/\(name)") }
        if round < 3 { continue }
        times.direct.append(inProcess)
        times.http.append(overHTTP)
      }
      let more = times.http.median - times.direct.median
      row(
        "`\(name)`", times.direct.median.twoDigits, times.http.median.twoDigits, more.twoDigits,
        verdict(more <= 2))
    }
    print("")
  }

  private static func metrics(_ port: Int) throws {
    let client = try HTTPConnection(port: port)
    var bytes = 0
    let times = try (0..<rounds).map { _ in
      let start = ContinuousClock.now
      bytes = try client.get("/metrics")
      return (ContinuousClock.now - start) / .milliseconds(1)
    }
    print(
      "`/metrics` with 1,000 series, \(bytes) bytes: \(times.median.twoDigits) ms "
        + "(target: 5, \(verdict(times.median <= 5)))\n")
  }

  // MARK: - A page

  private static func pages(_ port: Int) throws {
    print("Pages, ms of the whole answer and bytes over the wire, median of \(rounds):\n")
    row("page", "first", "again", "bytes", "targets: 100 ms, 100 KB")
    row("---", "---:", "---:", "---:", "---")
    let client = try HTTPConnection(port: port)
    let names = [
      "", "/users", "/tasks", "/api", "/integrations", "/authentication", "/cocoons", "/errors",
      "/environments", "/applications", "/usage", "/pipeline",
    ]
    for name in names {
      var bytes = 0
      let times = try (0..<rounds + 1).map { _ in
        let start = ContinuousClock.now
        bytes = try client.get("/dashboard\(name)", headers: "Accept-Encoding: gzip\r\n")
        return (ContinuousClock.now - start) / .milliseconds(1)
      }
      let again = Array(times.dropFirst()).median
      row(
        "`/dashboard\(name)`", times[0].rounded, again.rounded, String(bytes),
        verdict(again <= 100 && bytes <= 100_000))
    }
    print("")
  }

  // MARK: - Requests a second

  /// Measures a Hummingbird route with an empty answer, a route without a query, and a range that has ended.
  private static func throughput(_ port: Int) async throws {
    let router = Router()
    router.get("/empty") { _, _ in "" }
    let (ports, listening) = AsyncStream<Int>.makeStream()
    let empty = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { listening.yield($0.localAddress?.port ?? 0) }, logger: silent)
    let running = Task { try await empty.run() }
    guard let emptyPort = await ports.first(where: { _ in true }) else { return }
    let dates = [40, 10].map { days in
      LocalTime(Date(timeIntervalSinceNow: -86_400 * Double(days)), in: .gmt).dayText
    }
    let closed = "/api/v1/reports/tasks?from=\(dates[0])&to=\(dates[1])"
    let ways = [
      ("an empty route of Hummingbird", emptyPort, "/empty"), ("`/health`", port, "/health"),
      ("a range that is over, kept", port, closed),
    ]
    var rates = [[Double]](repeating: [], count: ways.count)
    for round in 0..<6 {
      for (index, way) in ways.enumerated() {
        let rate = try HTTPLoad.rate(port: way.1, path: way.2, seconds: 2)
        if round > 0 { rates[index].append(rate) }
      }
    }
    running.cancel()
    _ = await running.result
    print("Requests a second over 16 connections, client and server on one machine, median of 5:\n")
    row("route", "a second", "of the empty one", "target: 0.6")
    row("---", "---:", "---:", "---")
    for (index, way) in ways.enumerated() {
      let ratio = rates[index].median / rates[0].median
      row(
        way.0, rates[index].median.rounded, ratio.twoDigits,
        index == 0 ? "" : verdict(ratio >= 0.6))
    }
    print("")
  }

  // MARK: - The start

  /// Measures the time from the start of the process until `/ready` answers 200.
  private static func start(_ database: Database) async throws {
    var times: [Double] = []
    for _ in 0..<7 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: database.analytics)
      process.arguments =
        ["serve", "--port", "0"] + (database.schema.map { ["--schema", $0] } ?? [])
      process.environment = ProcessInfo.processInfo.environment.merging(
        ["DATABASE_URL": database.url]
      ) { $1 }
      let output = Pipe()
      process.standardOutput = output
      let time = try await milliseconds {
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = line.firstMatch(of: #/:(\d+)\/\n/#).flatMap({ Int($0.1) }) else {
          throw BenchError("analytics serve printed no address: \(line)")
        }
        try HTTPConnection(port: port).get("/ready")
      }
      times.append(time)
      process.terminate()
      process.waitUntilExit()
    }
    print(
      "From the start of `analytics serve` to its first answer, the database up: "
        + "\(times.median.rounded) ms (target: 1000, \(verdict(times.median <= 1000)))\n")
  }
}
