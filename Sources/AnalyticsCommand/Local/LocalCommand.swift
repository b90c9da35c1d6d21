import ArgumentParser

/// The command `analytics local`: starts and stops the private database.
struct LocalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local",
    abstract: "Start or stop the private database of --local.",
    discussion: "It is a PostgreSQL server for development and demos: only this user can reach it.",
    subcommands: [Start.self, Stop.self],
    defaultSubcommand: Start.self)

  struct Folder: ParsableArguments {
    @Option(help: ArgumentHelp("The directory of the private database.", valueName: "folder"))
    var localFolder = LocalDatabase.defaultFolder
  }

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start it if it is not running, and print its URL. The default.")
    @OptionGroup var folder: Folder
    func run() async throws { print(try await LocalDatabase.start(in: folder.localFolder)) }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop it if it is running.")
    @OptionGroup var folder: Folder
    func run() async throws { try await LocalDatabase.stop(in: folder.localFolder) }
  }
}
