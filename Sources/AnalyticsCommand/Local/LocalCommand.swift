import ArgumentParser

/// The command `analytics local`: starts and stops the private database.
struct LocalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local",
    abstract: "Start or stop the private database of --local.",
    discussion: """
      The private database is a PostgreSQL server for development and demos. Only this user can \
      reach it.
      """,
    subcommands: [Start.self, Stop.self],
    defaultSubcommand: Start.self)

  struct Directory: ParsableArguments {
    @Option(help: ArgumentHelp("The directory of the private database.", valueName: "directory"))
    var localDirectory = LocalDatabase.defaultDirectory
  }

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start the private database if it is not running, and print its URL. The default.")
    @OptionGroup var directory: Directory
    func run() async throws { print(try await LocalDatabase.start(in: directory.localDirectory)) }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop the private database if it is running.")
    @OptionGroup var directory: Directory
    func run() async throws { try await LocalDatabase.stop(in: directory.localDirectory) }
  }
}
