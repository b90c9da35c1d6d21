import AnalyticsPostgres
import AnalyticsServer
import AnalyticsStore
import ArgumentParser

/// The command `analytics keys`.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Make, list or revoke the keys of `analytics serve`.",
    discussion: """
      A key is printed once, when it is made: the database keeps its SHA-256 only. Programs send it \
      as `Authorization: Bearer …`, people type it at /sign-in.

      Needs the role that owns the tables.
      """,
    subcommands: [Create.self, List.self, Revoke.self],
    defaultSubcommand: List.self)

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key and print it. It cannot be shown again.")

    @OptionGroup var database: DatabaseOptions
    @Option(
      help: ArgumentHelp(
        "What it is good for: read sees all figures; admin may do all that a server offers, which is no "
          + "more yet.",
        valueName: "role"))
    var role = OfferedRole.read
    @Argument(help: "What it is called, so that one knows whose it is.") var name: String

    func validate() throws {
      guard (1...100).contains(name.utf8.count),
        !name.utf8.contains(where: { $0 < 32 || $0 == 127 })
      else {
        throw ValidationError("a name has 1 to 100 bytes in one line")
      }
    }

    func run() async throws {
      let key = AccessKey.random()
      do {
        _ = try await database.database().withKeys { keys in
          try await keys.create(
            name: name, role: role.rawValue, hash: key.hash, prefix: key.prefix)
        }
      } catch let error as PostgresError where error.sqlState == .uniqueViolation {
        throw CommandError(
          "there is a key of this name: choose another, or `analytics keys revoke` it")
      }
      print(key.text)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which keys there are, the oldest first. The default.")

    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print it as JSON.") var json = false

    func run() async throws {
      let entries = try await database.database().withKeys { try await $0.list() }
      let listing = KeyListing(entries)
      try StandardOutput.print(listing, asJSON: json, or: listing.text)
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a key for ever. Servers refuse it within 5 s, and its sessions too.")

    @OptionGroup var database: DatabaseOptions
    @Argument(help: "Its name, its beginning as `list` prints it, or its id.") var key: String

    func run() async throws {
      guard try await database.database().withKeys({ try await $0.revoke(key) }) > 0 else {
        throw CommandError("there is no such key that is not revoked: see `analytics keys list`")
      }
    }
  }
}

/// The roles that a new key can have: those of ``Role`` for which a server offers anything.
enum OfferedRole: String, CaseIterable, ExpressibleByArgument {
  case read
  case admin
}
