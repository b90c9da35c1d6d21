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
      A key is printed once, when it is made: the database stores only its SHA-256. Programs send it \
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
        "The key's role: read sees all figures; admin is the same at present.",
        valueName: "role"))
    var role = OfferedRole.read
    @Argument(help: "The key's name, such as its owner's.") var name: String

    func validate() throws {
      guard (1...100).contains(name.utf8.count),
        !name.utf8.contains(where: { $0 < 32 || $0 == 127 })
      else {
        throw ValidationError("the name must have 1 to 100 bytes, in one line")
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
          "a key of this name exists: choose another name, or `analytics keys revoke` it")
      }
      print(key.text)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the keys, the oldest first. The default.")

    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print the result as JSON.") var json = false

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
    @Argument(help: "The key's name, its beginning as `list` prints it, or its id.") var key: String

    func run() async throws {
      guard try await database.database().withKeys({ try await $0.revoke(key) }) > 0 else {
        throw CommandError("there is no such valid key: see `analytics keys list`")
      }
    }
  }
}

/// The roles that a new key can have: those of ``Role`` for which a server offers anything.
enum OfferedRole: String, CaseIterable, ExpressibleByArgument {
  case read
  case admin
}
