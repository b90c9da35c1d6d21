import Analytics
import AnalyticsConnections
import AnalyticsInterchange
import AnalyticsPostgres
import AnalyticsStore
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The command `analytics tail`.
struct TailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Show events as they arrive in the database.",
    discussion: """
      Shows the newest events by time, then each that is committed from now on, including late ones \
      with an old time. Queries twice a second, and only reads. An event in a partition that has been \
      quiet may appear some ten seconds later; one that is stored in space that an erasure freed does \
      not appear. `export` gives all events. If no event has a given type or service yet, a line on \
      standard error says so, and tail waits for the first.

      Ctrl-C ends it, with exit code 0.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    name: .customLong("type"),
    help: ArgumentHelp("Only these types, separated by commas.", valueName: "types"))
  var types: String?

  @Option(help: "Only this service.")
  var service: String?

  @Option(
    help: ArgumentHelp("Only this user: a UUID, or a name as for track.", valueName: "name|uuid"))
  var user: String?

  @Option(
    name: [.customShort("n"), .customLong("lines")],
    help: ArgumentHelp("How many stored events to show first.", valueName: "count"))
  var lines = 10

  @Flag(help: "Print events as export does, a JSON object a line.")
  var json = false

  func validate() throws {
    guard lines >= 0 else { throw ValidationError("-n is a number of events, 0 or more") }
  }

  func run() async throws {
    let database = try await database.database()
    let filter = EventFilter(
      types: try EventFilter.types(types), service: service,
      user: try user.map { try UserArgument.id(of: $0, database) })
    try await database.requireMigrated()
    do {
      try await database.requireKnown(filter)
    } catch let unknown as CommandError {
      // Such events may still arrive, and the person may be waiting for the first one.
      Terminal.standardError.print("note: \(unknown)")
    }
    let tail = Tail(filter, from: database, asJSON: json)
    _ = try await untilInterrupted { [lines] in
      try await database.withSession { try await tail.run(last: lines, on: $0) }
    }
  }
}

/// The user that `--user` names.
enum UserArgument {
  /// Returns a UUID as it is, and for a name the ID that a client with the same key gives it.
  static func id(of argument: String, _ database: AnalyticsDatabase) throws -> UUID {
    if let id = UUID(uuidString: argument) { return id }
    var configuration = AnalyticsConfiguration(
      service: "shell", buffer: .memory(limitBytes: 128 << 10))
    configuration.segmentBytes = 64 << 10
    configuration.privacyKey = try PrivacyOptions.key()
    return try AnalyticsClient(configuration, sink: PostgresEventSink(database)).userID(
      for: argument)
  }
}
