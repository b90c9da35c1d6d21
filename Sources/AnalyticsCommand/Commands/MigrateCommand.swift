import AnalyticsStore
import ArgumentParser

/// `analytics migrate`, and all of `analytics-migrate`.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring the database's tables up to date.",
    discussion: """
      Pre-deploy migrations go before new binaries are rolled out, post-deploy ones after. Any \
      number of processes may run this at once: one applies, the others wait and find it done.

      Exit code: 0 if the database is as asked for; 1 if not, with one line that says why.
      """,
    subcommands: [All.self, Pre.self, Post.self, Roles.self, Status.self, DryRun.self],
    defaultSubcommand: All.self)

  struct All: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "all", abstract: "Apply all migrations that wait. The default.")
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var engine: EngineOption
    func run() async throws { try await Migrations(database, engine).apply(.all) }
  }

  struct Pre: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pre", abstract: "Apply the pre-deploy migrations that wait.")
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var engine: EngineOption
    func run() async throws { try await Migrations(database, engine).apply(.pre) }
  }

  struct Post: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "post",
      abstract: "Apply the post-deploy migrations that wait; refused while pre-deploy ones do.")
    @OptionGroup var database: DatabaseOptions
    func run() async throws { try await Migrations(database).apply(.post) }
  }

  struct Roles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "roles",
      abstract: "Make roles that may only write or only read, and grant them what they need.",
      discussion: """
        The roles cannot log in: grant them to those that do. Where this role may not make roles, \
        the SQL for somebody who may is printed and the exit code is 1; run this again then.
        """)
    @OptionGroup var database: DatabaseOptions
    @Option(help: ArgumentHelp("The role that services and imports use.", valueName: "role"))
    var writer = "analytics_writer"
    @Option(help: ArgumentHelp("The role that reports use.", valueName: "role"))
    var reader = "analytics_reader"

    func run() async throws {
      let roles = AnalyticsRoles(writer: writer, reader: reader)
      switch try await Migrations(database).migrator().grant(roles) {
      case .granted:
        print("granted: \(writer) may write, \(reader) may read")
      case .mustBeCreated(let sql):
        print(sql)
        throw CommandError(
          "this role may not make roles: have the SQL above run by one that may, then try again")
      }
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Say where each migration stands. Writes nothing.")
    @OptionGroup var database: DatabaseOptions
    func run() async throws {
      let migrator = try await Migrations(database).migrator()
      for status in try await migrator.status() { print(status) }
      print("engine: \(try await migrator.storageEngine()?.wording ?? "none yet")")
    }
  }

  struct DryRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dry-run", abstract: "Say what `all` would apply. Writes nothing.")
    @OptionGroup var database: DatabaseOptions
    func run() async throws {
      let waiting = try await Migrations(database).migrator().dryRun()
      for status in waiting { print(status) }
      if waiting.isEmpty { print("nothing to apply") }
    }
  }
}

/// What keeps the events.
struct EngineOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "plain or timescale; auto is TimescaleDB where the server has its community edition and no event is stored yet. An installation with events is moved by saying timescale.",
      valueName: "engine"),
    transform: Self.choice)
  var engine = EngineChoice.auto

  private static func choice(_ name: String) throws -> EngineChoice {
    guard let choice = EngineChoice(rawValue: name) else {
      throw ValidationError("--engine is plain, timescale or auto")
    }
    return choice
  }
}

/// What the subcommands have in common.
private struct Migrations {
  let database: DatabaseOptions
  let engine: EngineChoice

  init(_ database: DatabaseOptions, _ engine: EngineOption? = nil) {
    self.database = database
    self.engine = engine?.engine ?? .auto
  }

  func migrator() async throws -> Migrator {
    try Migrator(
      url: try await database.url(), schema: database.schema, engine: engine,
      logger: TerminalLog.logger())
  }

  func apply(_ selection: MigrationSelection) async throws {
    let applied = try await migrator().apply(selection)
    for status in applied { print(status) }
    if applied.isEmpty { print("nothing to apply: the database is up to date") }
  }
}
