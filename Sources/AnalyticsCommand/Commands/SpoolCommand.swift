import Analytics
import AnalyticsStore
import ArgumentParser

/// The command `analytics spool`.
struct SpoolCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spool",
    abstract: "Say what waits in a spool folder and why, or deliver it.",
    subcommands: [List.self, Drain.self],
    defaultSubcommand: List.self)

  struct Folder: ParsableArguments {
    @Option(
      help: ArgumentHelp("The spool, as the services' buffer.folder.", valueName: "folder"))
    var folder = AnalyticsConfiguration.defaultSpoolFolder
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what waits, since when, for which database, and why. The default.",
      discussion: "Exit code: 0; 1 if there is something that cannot be read.")

    @OptionGroup var spool: Folder
    @Flag(help: "Print it as JSON.") var json = false

    func run() async throws {
      let listing = SpoolListing(try SpoolReport(folder: spool.folder))
      try StandardOutput.print(listing, asJSON: json, or: listing.text)
      if !listing.unreadable.isEmpty { throw ExitCode(1) }
    }
  }

  struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deliver what processes that have ended left for a database.",
      discussion: """
        Each event is stored once, also if a worker delivers the same spool at the same time. What \
        living processes hold is theirs to deliver; what is for another database stays. A process \
        that never reached its database leaves events that only the same user, host, database and \
        options deliver.

        Exit code: 0 if nothing is left for this database; 1 if some of it is.
        """)

    @OptionGroup var spool: Folder
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var past: PastOptions
    @Option(help: ArgumentHelp("How long to try.", valueName: "seconds")) var timeout = 300
    @Flag(help: "Print the result as JSON.") var json = false

    func validate() throws {
      guard timeout > 0 else { throw ValidationError("--timeout is a number of seconds above 0") }
    }

    func run() async throws {
      let database = try await database.database()
      try await database.requireMigrated()
      let result = try await SpoolDrain(
        folder: spool.folder, database: database, acceptsFrom: try past.acceptsFrom(),
        timeout: .seconds(timeout)
      ).run()
      try StandardOutput.print(result, asJSON: json, or: result.text)
      if result.rejected + result.pending > 0 { throw ExitCode(1) }
    }
  }
}
