import AnalyticsConnections
import AnalyticsReports
import AnalyticsServer
import ArgumentParser
import Foundation

/// The command `analytics statistics`.
struct StatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Print signed figures of this installation, or verify a file of them.",
    subcommands: [Show.self, Verify.self],
    defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the figures as JSON, as /statistics does. The default.")

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      let database = try await database.database()
      let document = try await StatisticsDocument.current(
        reports: ReportDatabase(database), database: ServerDatabase(database), now: Date())
      print(document.jsonText)
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that this installation signed a file of /statistics or /statistics/csv.",
      discussion: """
        Exit code: 0 if this installation signed the file and nothing was changed since, 1 if not.
        """)

    @OptionGroup var database: DatabaseOptions
    @Argument(help: "The file, JSON or CSV.") var file: String

    func run() async throws {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw CommandError("cannot read \(file)")
      }
      guard let document = StatisticsDocument(data) else {
        throw CommandError("\(file) contains no statistics: give JSON or CSV of /statistics")
      }
      let instance = try await ServerDatabase(database.database()).instance()
      guard document.isSigned(by: instance) else {
        throw CommandError("\(file) was changed, or another installation signed it")
      }
      StandardOutput.print("signed by this installation, and unchanged")
    }
  }
}
