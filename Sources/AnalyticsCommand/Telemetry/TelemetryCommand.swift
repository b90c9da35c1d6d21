import AnalyticsStore
import AnalyticsTelemetry
import AnalyticsText
import ArgumentParser
import ServiceLifecycle
import UnixSignals

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The command `analytics telemetry`.
struct TelemetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "telemetry",
    abstract: "Send usage counts to a collector; off by default.",
    discussion: """
      Only counts and versions are sent, and no personal data: `show` prints them. The database \
      user needs both roles, analytics_reader and analytics_writer.
      """,
    subcommands: [Status.self, Show.self, Run.self, Off.self],
    defaultSubcommand: Status.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print exactly what would be sent for the last closed period.",
      discussion:
        "If no period is closed yet, the open one is printed as if it ended now. Sends nothing.")

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      let database = try await database.database()
      print(JSONString.printable(try await Telemetry.newestDocument(of: database)))
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show whether telemetry is on, what was sent and what waits. The default.")

    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
      let status = try await Telemetry.status(of: database.database())
      try StandardOutput.print(status, asJSON: json, or: status.text)
    }
  }

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Turn telemetry on: close usage periods and send their counts, until SIGTERM or SIGINT.",
      discussion: """
        May run any number of times beside services that do the same: each period is sent once. What \
        a collector does not accept is sent again for 7 days. An empty URL turns telemetry off.
        """)

    @OptionGroup var database: DatabaseOptions
    @Option(
      help: ArgumentHelp(
        "The collector: https://…; plain HTTP on a loopback address only. By default the value of ANALYTICS_TELEMETRY_URL.",
        valueName: "url"))
    var to: String?
    @Option(
      help: ArgumentHelp(
        "How long a usage period is, in seconds; 1 to 86400.", valueName: "seconds"))
    var period = 1800
    @Option(
      help: ArgumentHelp(
        "How often to check for ended periods and waiting documents, in seconds; 1 to 3600.",
        valueName: "seconds"))
    var interval = 15
    @Option(
      help: ArgumentHelp(
        "The certificate authorities to trust instead of the system's, in PEM form.",
        valueName: "file"))
    var trustRoots: String?

    func validate() throws {
      guard (1...86_400).contains(period) else {
        throw ValidationError("--period is a number from 1 to 86400")
      }
      guard (1...3600).contains(interval) else {
        throw ValidationError("--interval is a number from 1 to 3600")
      }
    }

    func run() async throws {
      guard let url = to ?? ProcessInfo.processInfo.environment["ANALYTICS_TELEMETRY_URL"] else {
        throw CommandError(
          "no collector: give --to or set ANALYTICS_TELEMETRY_URL; an empty one turns telemetry off"
        )
      }
      let logger = TerminalLog.logger()
      let database = try await database.database()
      var options = TelemetryService.Options()
      options.interval = .seconds(interval)
      options.trustRoots = trustRoots
      let periods = UsagePeriods(
        database, length: .seconds(period), interval: .seconds(interval), logger: logger)
      let telemetry = try TelemetryService(
        database, collector: url.isEmpty ? nil : url, options: options, logger: logger)
      try await ServiceGroup(
        services: [database, periods, telemetry], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
      ).run()
    }
  }

  struct Off: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Turn telemetry off: undelivered documents are deleted, and a last notice says that it is off.",
      discussion: """
        Tries to deliver the notice once. If the collector does not accept it, `telemetry run` with an \
        empty URL, or a service without a collector, keeps trying.
        """)

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      try await TelemetryService(
        database.database(), collector: nil, logger: TerminalLog.logger()
      ).once()
      StandardOutput.print("telemetry is off")
    }
  }
}

extension TelemetryStatus {
  fileprivate var text: String {
    var lines: [String] = []
    if let collector, let onSince {
      lines.append("on since \(onSince.utcText), to \(collector)")
    } else {
      lines.append("off: nothing is sent")
    }
    let last = lastDeliveredAt.map { ", the last at \($0.utcText)" } ?? ""
    lines.append("delivered: \(delivered)\(last)")
    if givenUp > 0 { lines.append("given up: \(givenUp)") }
    lines.append("waiting: \(waiting.count)")
    for document in waiting {
      let what = document.period.map { "period \($0)" } ?? "the notice that telemetry is off"
      let why = document.problem.map { ": \($0)" } ?? ""
      lines.append(
        "  \(what), \(document.attempts.counted("attempt")), next at "
          + "\(document.nextAttemptAt.utcText)\(why)")
    }
    return lines.joined(separator: "\n")
  }
}
