import Analytics
import AnalyticsReports
import Foundation

/// How long reports of the last 60 days take, with few events and with many: in a new process, in a running process,
/// and repeated while events arrive.
enum ReportBenchmark {
  static let days = 60
  static let rounds = 7
  /// How many events arrive between two requests.
  static let arriving = 100

  /// A report with its parameters, and how many milliseconds it may take in a new process.
  struct Ask {
    var name: String
    var parameters: [String: String] = [:]
    var target: Int?

    var label: String {
      ([name] + parameters.sorted { $0.key < $1.key }.map { "--\($0) \($1)" })
        .joined(separator: " ").replacing("_", with: "-")
    }
    var hasRange: Bool { !["overview", "active-users-now", "production-changes"].contains(name) }
  }

  static let asks: [Ask] =
    [
      "overview", "events-by-type", "tasks", "tasks-overview", "integrations", "authentication",
      "cocoons", "errors", "database-queries", "webhooks", "environments", "production-changes",
      "api-latency",
    ].map { Ask(name: $0, target: 100) } + [
      Ask(name: "api-latency", parameters: ["by_endpoint": "true"], target: 100),
      Ask(name: "slowest-endpoints", target: 100),
      Ask(name: "active-users", parameters: ["details": "false"], target: 300),
      Ask(name: "active-users"),
      Ask(name: "active-users", parameters: ["tz": "Asia/Kathmandu"], target: 5000),
      Ask(name: "active-users-now", target: 50), Ask(name: "hour-of-week"),
    ]

  /// Medians, in milliseconds.
  struct Times {
    var process = 0.0
    var first = 0.0
    var second = 0.0
  }

  /// - Parameter sizes: Numbers of events; empty to use the events that the database has.
  static func run(_ sizes: [Int]) async throws {
    var times: [[Times]] = []
    if sizes.isEmpty {
      _ = try await measure(try Database.fromEnvironment(), "the existing database")
      return
    }
    for size in sizes {
      var database = try Database.fromEnvironment()
      database.schema = "reports_\(size)"
      try database.psql("-c", "CREATE SCHEMA reports_\(size)")
      try await Generator.fill(database, days: days, events: size)
      times.append(try await measure(database, "\(size) events"))
    }
    guard let few = times.first, let many = times.last, times.count > 1 else { return }
    print("## From \(sizes[0]) to \(sizes[1]) events: connect and ask, ms\n")
    row("report", "\(sizes[0])", "\(sizes[1])", "times")
    row("---", "---:", "---:", "---:")
    for (ask, (few, many)) in zip(asks, zip(few, many)) {
      row(
        "`\(ask.label)`", few.first.rounded, many.first.rounded,
        (many.first / few.first).twoDigits)
    }
    print()
  }

  private static func measure(_ database: Database, _ what: String) async throws -> [Times] {
    print("## Reports of \(days) days, \(what): ms, median of \(rounds)\n")
    row("report", "a process", "target", "connect and ask", "again")
    row("---", "---:", "---:", "---:", "---:")
    var all: [Times] = []
    try await Generator.withClient(of: database) { analytics in
      var workload = Workload(seed: 7)
      for ask in asks {
        var samples = (process: [Double](), first: [Double](), second: [Double]())
        let running = try ReportDatabase(
          AnalyticsDatabase(url: database.url, schema: database.schema))
        _ = try await self.ask(ask, running)
        for _ in 0..<rounds {
          for _ in 0..<arriving { analytics.track(workload.next()) }
          try await analytics.flush(timeout: .seconds(30))
          samples.second.append(try await seconds { try await self.ask(ask, running) })
          samples.first.append(
            try await seconds {
              let fresh = try ReportDatabase(
                AnalyticsDatabase(url: database.url, schema: database.schema))
              try await self.ask(ask, fresh)
            })
          let words = ask.values(now: Date()).flatMap { ["--" + $0.key, $0.value] }
          samples.process.append(
            try await seconds {
              try database.analytics(["report", ask.name, "--format", "json"] + words)
            })
        }
        let times = Times(
          process: samples.process.median * 1000, first: samples.first.median * 1000,
          second: samples.second.median * 1000)
        row(
          "`\(ask.label)`", times.process.rounded, ask.target.map(String.init) ?? "",
          times.first.rounded, times.second.rounded)
        all.append(times)
      }
    }
    print()
    return all
  }

  private static func ask(_ ask: Ask, _ database: ReportDatabase) async throws {
    let now = Date()
    let report = try ReportCatalogue.standard.report(
      ask.name, ReportParameters(ask.values(now: now).mapValues { [$0] }, now: now))
    _ = try await report.series(from: database)
  }
}

extension ReportBenchmark.Ask {
  /// The parameters of the report. A range begins with a day and ends now.
  fileprivate func values(now: Date) -> [String: String] {
    guard hasRange else { return parameters }
    let start = now.addingTimeInterval(-Double(ReportBenchmark.days - 1) * 86_400)
    return parameters.merging([
      "from": LocalTime(start, in: .gmt).dayText, "to": now.formatted(.iso8601.fraction),
    ]) { $1 }
  }
}

extension Date.ISO8601FormatStyle {
  /// ISO 8601 with milliseconds.
  fileprivate var fraction: Self { Self(includingFractionalSeconds: true) }
}
