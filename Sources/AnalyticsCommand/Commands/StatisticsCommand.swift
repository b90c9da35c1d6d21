import AnalyticsReports
import AnalyticsServer
import ArgumentParser
import Foundation

/// `analytics statistics`.
struct StatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Signed figures of this installation, and the proof that a file has them unchanged.",
    subcommands: [Show.self, Verify.self],
    defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print them as JSON, as /statistics has them. The default.")

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      let options = try await database.database()
      let reports = try ReportDatabase(url: options.url, schema: options.schema)
      let document = try await options.withServerDatabase { database in
        try await StatisticsDocument.current(reports: reports, database: database, now: Date())
      }
      await reports.shutDown()
      print(document.jsonText)
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that this installation signed a file of /statistics or /statistics/csv.",
      discussion: "Exit code: 0 if it did and nothing was changed since, 1 if not.")

    @OptionGroup var database: DatabaseOptions
    @Argument(help: "The file, JSON or CSV.") var file: String

    func run() async throws {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw CommandError("cannot read \(file)")
      }
      guard let document = StatisticsDocument(data) else {
        throw CommandError("\(file) holds no statistics: neither JSON nor CSV of /statistics")
      }
      let instance = try await database.database().withServerDatabase { try await $0.instance() }
      guard document.isSigned(by: instance) else {
        throw CommandError("\(file) was changed, or another installation signed it")
      }
      StandardOutput.print("signed by this installation, and unchanged")
    }
  }
}

extension CommandDatabase {
  func withServerDatabase<Result>(
    _ body: (ServerDatabase) async throws -> Result
  ) async throws -> Result {
    let database = try ServerDatabase(url: url, schema: schema)
    do {
      let result = try await body(database)
      await database.shutDown()
      return result
    } catch {
      await database.shutDown()
      throw error
    }
  }
}
