import AnalyticsConnections
import AnalyticsReports
import AnalyticsText
import ArgumentParser
import Foundation

/// The command `analytics report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Answer a question about usage: a table with bars, JSON or CSV.",
    usage: """
      analytics report NAME [--from <time>] [--to <time>] [--by <bucket>] [--tz <zone>] \
      [--format <format>] [--<parameter> <value>] …
      analytics report --list
      """,
    discussion: """
      `analytics report --list` lists the reports, with the question that each answers and its \
      parameters.

      Days and hours are those of the time zone, also where clocks change. Figures are exact, \
      percentiles within 1 %; a note says where one is not. Reports read rollups, so they \
      reach back further than raw events, and are up to date with every event that is stored.

      A type of events, a service, an environment or the like that no event ever had is refused, with \
      what was probably meant; so is a property that no event of the type has. A name that exists, but \
      not in the range, gives an empty answer.

      Exit code: 0 with an answer, 64 if a parameter cannot be used, 1 for any other failure.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, json, csv
  }

  @OptionGroup var database: DatabaseOptions
  @Option(
    help: ArgumentHelp(
      "The start of the range: a day in --tz such as 2026-01-31, or an instant such as 2026-01-31T08:00:00Z. By default 30 days before the end.",
      valueName: "time"))
  var from: String?
  @Option(
    help: ArgumentHelp(
      "The end of the range, which is excluded. By default the end of today.", valueName: "time"))
  var to: String?
  @Option(
    help: ArgumentHelp(
      "The length of the buckets: hour, day, week, month or total. By default a day.",
      valueName: "bucket"))
  var by: String?
  @Option(
    help: ArgumentHelp(
      "The time zone of days and hours, such as Europe/Berlin. By default UTC.", valueName: "zone"))
  var tz: String?
  @Option(help: "The format of the output: table, json or csv.") var format = Format.table
  @Flag(help: "List the reports.") var list = false
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("The report's name and its parameters.", valueName: "name"))
  var words: [String] = []

  func run() async throws {
    if list { return StandardOutput.print(ReportList(await catalogue()).text) }
    do {
      let request = try ReportRequest(words: words, common: common)
      // Built-in reports are checked without asking the database for those of the application.
      let catalogue =
        ReportCatalogue.standard.has(request.name) || !database.isGiven
        ? .standard : try await ReportDatabase(database.database()).catalogue()
      try await show(try catalogue.report(request.name, ReportParameters(request.values)))
    } catch let error as ReportError where error.code == .invalidParameter {
      throw Self.refused(error)
    }
  }

  /// Prints the error on one line. The parser would add the command's usage.
  private static func refused(_ error: any Error) -> ExitCode {
    Terminal.standardError.print("error: \(error)")
    return ExitCode(64)
  }

  /// The built-in reports, and those of the application's own rollups if the database can be asked.
  private func catalogue() async -> ReportCatalogue {
    guard database.isGiven else { return .standard }
    do {
      return try await ReportDatabase(database.database()).catalogue()
    } catch {
      Terminal.standardError.print(
        "warning: reports of the application's own rollups are not in this list: \(error)")
      return .standard
    }
  }

  private func show(_ report: any Report) async throws {
    let series = try await report.series(from: ReportDatabase(database.database()))
    switch format {
    case .table: StandardOutput.print(SeriesTable(series).text)
    case .json: print(JSONString.printable(series.json))
    case .csv: FileHandle.standardOutput.write(Data(series.csv.utf8))
    }
  }

  private var common: [String: String] {
    ["from": from, "to": to, "by": by, "tz": tz].compactMapValues(\.self)
  }
}
