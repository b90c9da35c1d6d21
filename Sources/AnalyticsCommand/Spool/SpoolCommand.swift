import Analytics
import AnalyticsStore
import ArgumentParser

/// The command `analytics spool`.
struct SpoolCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spool",
    abstract: "Show what waits in a spool directory, or deliver it.",
    subcommands: [List.self, Drain.self],
    defaultSubcommand: List.self)

  struct Directory: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The spool directory: the services' buffer.directory.", valueName: "directory"))
    var directory = AnalyticsConfiguration.defaultSpoolDirectory
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List waiting events: since when, for which database, and why. The default.",
      discussion: "Exit code: 0; 1 if a file cannot be read.")

    @OptionGroup var spool: Directory
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
      let listing = SpoolListing(try SpoolReport(directory: spool.directory))
      try StandardOutput.print(listing, asJSON: json, or: listing.text)
      if !listing.unreadable.isEmpty { throw ExitCode(1) }
    }
  }

  struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deliver the events that ended processes left for a database.",
      discussion: """
        Each event is stored once, also if a worker delivers the same spool at the same time. Running \
        processes deliver their own events; events for another database stay. A process \
        that never reached its database leaves events that only the same user, host, database and \
        options deliver.

        Exit code: 0 if nothing is left for this database; 1 if some of it is.
        """)

    @OptionGroup var spool: Directory
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var past: PastOptions
    @Option(help: ArgumentHelp("How long to keep trying.", valueName: "seconds")) var timeout = 300
    @Flag(help: "Print the result as JSON.") var json = false

    func validate() throws {
      guard timeout > 0 else { throw ValidationError("--timeout is a number of seconds above 0") }
    }

    func run() async throws {
      let database = try await database.database()
      try await database.requireMigrated()
      let result = try await SpoolDrain(
        directory: spool.directory, database: database, acceptsFrom: try past.acceptsFrom(),
        timeout: .seconds(timeout)
      ).run()
      try StandardOutput.print(result, asJSON: json, or: result.text)
      if result.rejected + result.pending > 0 { throw ExitCode(1) }
    }
  }
}
