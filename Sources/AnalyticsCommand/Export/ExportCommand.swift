import Analytics
import AnalyticsConnections
import AnalyticsInterchange
import AnalyticsPostgres
import AnalyticsText
import ArgumentParser

/// The command `analytics export`.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write stored events as lines that import reads.",
    discussion: """
      A line is one JSON object: {"timestamp", "id", "service", "event": {"type", …}} and, where \
      known, "hostname", "environment". Times are in UTC to the microsecond; lines are in the order \
      of time and id, so the same events give the same file.

      The export is one snapshot: events stored meanwhile are not in it. Memory does not grow with \
      the number of events. Until a file is complete, its name ends in .partial.

      `analytics import --as-stored` gives the same rows elsewhere. Without that flag import \
      applies its own --privacy to what was stored under another. Fields that have the name of a \
      column stand beside the event as "data", which only --as-stored reads.

      A type that no event ever had is refused, unless there are no events at all.

      Exit code: 0 if everything was written; 1 if not, with one line that says why.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "From this instant on: RFC 3339, or a day, which begins at midnight UTC.", valueName: "time"),
    transform: Self.instant)
  var from: EventTimestamp?

  @Option(help: ArgumentHelp("Before this instant.", valueName: "time"), transform: Self.instant)
  var to: EventTimestamp?

  @Option(
    name: .customLong("type"),
    help: ArgumentHelp("Only these types, separated by commas.", valueName: "types"))
  var types: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to write; compressed if it ends in .gz. By default standard output.",
      valueName: "file"))
  var output: String?

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    guard let from, let to, from >= to else { return }
    throw ValidationError("--from is not before --to")
  }

  func run() async throws {
    let filter = EventFilter(from: from, to: to, types: try EventFilter.types(types))
    let database = try await database.database()
    try await database.requireKnown(filter)
    let start = ContinuousClock.now
    let count = try await untilInterrupted { [output] in
      try await database.withSession { connection in
        try await Exporter(filter, from: database, progress: Terminal.standardError)
          .run(on: connection) { try Self.open(output) }
      }
    }
    guard let count else {
      throw CommandError("the export was stopped before its end: run it again")
    }
    try report(ExportSummary(events: count, seconds: (ContinuousClock.now - start) / .seconds(1)))
  }

  private static func open(_ path: String?) throws -> any ByteSink {
    let file = try OutputFile(path: path)
    return path?.ends(with: ".gz") == true ? try GzipOutput(file) : file
  }

  /// The summary goes to standard error if the events go to standard output.
  private func report(_ summary: ExportSummary) throws {
    let text =
      json
      ? try JSONReport.text(summary)
      : "\(summary.events.counted("event")) in \((summary.seconds * 100).rounded() / 100) s"
    if output == nil { Terminal.standardError.print(text) } else { StandardOutput.print(text) }
  }

  private static func instant(_ text: String) throws -> EventTimestamp {
    try EventTimestamp.parsing(text)
  }
}

private struct ExportSummary: Encodable {
  var events: Int
  var seconds: Double
}
