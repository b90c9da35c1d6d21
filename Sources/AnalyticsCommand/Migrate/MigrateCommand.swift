import AnalyticsStore
import ArgumentParser

/// The command `analytics migrate`, and all of `analytics-migrate`.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring the database's tables up to date.",
    discussion: """
      Run `pre` before new binaries are rolled out: it makes the tables, so that events can be \
      stored. Run `post` afterwards: it makes the rollups that reports read. On a database that has \
      rollups, `pre` brings them to the new definitions, for the reports of new binaries. Any \
      number of processes may run this at once: one migrates, the others wait for it.

      Exit code: 0 if the database is up to date; 1 if not, with one line that says why.
      """,
    subcommands: [All.self, Pre.self, Post.self, Roles.self, Status.self, DryRun.self],
    defaultSubcommand: All.self)

  struct All: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "all", abstract: "Make tables and rollups: `pre` and `post` in one. The default."
    )
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var engine: EngineOption
    @OptionGroup var owner: OwnerOption
    @Flag(help: "Print what was applied as JSON.") var json = false
    func run() async throws {
      try await Migrations(database, engine).apply(.all, owner: owner, json: json)
    }
  }

  struct Pre: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pre", abstract: "Make what new binaries need to store events: the tables.")
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var engine: EngineOption
    @OptionGroup var owner: OwnerOption
    @Flag(help: "Print what was applied as JSON.") var json = false
    func run() async throws {
      try await Migrations(database, engine).apply(.pre, owner: owner, json: json)
    }
  }

  struct Post: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "post",
      abstract: "Make the rollups that reports read; refused while `pre` has something to do.")
    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print what was applied as JSON.") var json = false
    func run() async throws { try await Migrations(database).apply(.post, json: json) }
  }

  struct Roles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "roles",
      abstract: "Make roles that may only write or only read, and grant them what they need.",
      discussion: """
        The roles cannot log in: grant them to those that do. Where this login may not make roles, \
        the SQL for an administrator is printed and the exit code is 1; afterwards run this again.
        """)
    @OptionGroup var database: DatabaseOptions
    @Option(help: ArgumentHelp("The role that services and imports use.", valueName: "role"))
    var writer = "analytics_writer"
    @Option(help: ArgumentHelp("The role that reports use.", valueName: "role"))
    var reader = "analytics_reader"

    func run() async throws {
      let roles = AnalyticsRoles(writer: writer, reader: reader)
      try await Migrations(database).migrator().grant(roles).requireGranted()
      StandardOutput.print("granted: \(writer) may write, \(reader) may read")
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "Show the state of each migration and of the rollups. Writes nothing.")
    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print the result as JSON.") var json = false
    func run() async throws {
      let migrator = try await Migrations(database).migrator()
      let (statuses, storage) = (try await migrator.status(), try await migrator.storage())
      let rollups = storage == nil ? nil : try await rollups()
      let listing = MigrationListing(statuses, storage, rollups)
      if json { return print(try JSONReport.text(listing)) }
      for status in statuses { StandardOutput.print(status.description) }
      StandardOutput.print("engine: \(storage.map(Diagnosis.engine) ?? "none yet")")
      for finding in listing.storage { StandardOutput.print(finding.line) }
    }

    private func rollups() async throws -> RollupFacts? {
      let database = try await database.database()
      return try await database.withSession { connection in
        try await database.read(on: connection) { try await RollupFacts.read(on: $0) }
      }
    }
  }

  struct DryRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dry-run",
      abstract: "List the migrations that `all` would apply. Writes nothing.")
    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print the result as JSON.") var json = false
    func run() async throws {
      let waiting = try await Migrations(database).migrator().dryRun()
      try MigrationListing.print(waiting, orElse: "nothing to apply", json: json)
    }
  }
}

/// The option for the storage engine of events.
struct EngineOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "plain or timescale; auto is TimescaleDB where the server has its community edition and no event is stored yet. To move an installation that has events, give timescale.",
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

/// The option for the owner of the tables.
struct OwnerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Make this role the owner of the tables; it is created if it is missing. Any member of it may then migrate and maintain. By default the owner is the user that migrated first.",
      valueName: "role"))
  var owner: String?
}

/// The migrator and the output that the subcommands share.
private struct Migrations {
  let database: DatabaseOptions
  let engine: EngineChoice

  init(_ database: DatabaseOptions, _ engine: EngineOption? = nil) {
    self.database = database
    self.engine = engine?.engine ?? .auto
  }

  func migrator() async throws -> Migrator {
    Migrator(try await database.database(), engine: engine, logger: TerminalLog.logger())
  }

  func apply(
    _ selection: MigrationSelection, owner: OwnerOption? = nil, json: Bool
  ) async throws {
    let migrator = try await migrator()
    if let role = owner?.owner { try await migrator.setOwner(role).requireGranted() }
    let applied = try await migrator.apply(selection)
    try MigrationListing.print(
      applied, orElse: "nothing to apply: the database is up to date", json: json)
  }
}

extension AnalyticsRoles.Outcome {
  /// Throws if the roles could not be created, after printing the SQL that a user with more
  /// privileges has to run.
  fileprivate func requireGranted() throws {
    guard case .mustBeCreated(let sql) = self else { return }
    print(sql)
    throw CommandError(
      "this login lacks the privileges: have an administrator run the SQL above, then run this again"
    )
  }
}
