import AnalyticsText
package import ArgumentParser
import Foundation

/// The executable `analytics`.
package struct AnalyticsTool: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "analytics",
    abstract: "Usage analytics in your own PostgreSQL.",
    discussion: """
      The database is the one that --database-url names, else DATABASE_URL, else \
      PLATFORM_DATABASE_URL; with --local it is a private one in a directory.
      """,
    subcommands: [
      ImportCommand.self, ExportCommand.self, TrackCommand.self, TailCommand.self,
      SpoolCommand.self, DeadLettersCommand.self, DoctorCommand.self, MigrateCommand.self,
      MaintainCommand.self, RollupsCommand.self, EraseUserCommand.self,
      StoredCommand.self, ReportCommand.self, StatisticsCommand.self, ServeCommand.self,
      KeysCommand.self, TelemetryCommand.self, DemoCommand.self, LocalCommand.self,
    ])

  package init() {}
}

/// The executable `analytics-migrate`: `analytics migrate` under its own name, for deployments that
/// run nothing else.
package struct MigrateTool: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "analytics-migrate",
    abstract: MigrateCommand.configuration.abstract,
    discussion: MigrateCommand.configuration.discussion,
    subcommands: MigrateCommand.configuration.subcommands,
    defaultSubcommand: MigrateCommand.configuration.defaultSubcommand)

  package init() {}
}

// The executables import only this target, so they cannot see the parser's own `main`. That one
// would also print arguments unescaped, including control sequences that a terminal obeys.

extension AnalyticsTool {
  /// Runs the command that the process's arguments name, and exits.
  package static func start() async { await run() }
}

extension MigrateTool {
  /// Runs the command that the process's arguments name, and exits.
  package static func start() async { await run() }
}

extension AsyncParsableCommand {
  fileprivate static func run() async -> Never {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch  where !exitCode(for: error).isSuccess {
      let message = fullMessage(for: error)
      if !message.isEmpty {
        FileHandle.standardError.write(Data((DisplayText.lines(message) + "\n").utf8))
      }
      exit(withError: ExitCode(exitCode(for: error).rawValue))
    } catch {
      exit(withError: error)
    }
    exit()
  }
}
