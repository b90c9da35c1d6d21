import Analytics
import AnalyticsInterchange
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The command `analytics track`.
struct TrackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "track",
    abstract: "Store one event, and print its id.",
    discussion: """
      analytics track deployed version=1.10 took_seconds:=37 tags:='["a"]' --user ada
      echo '{"type": "deployed", "version": "1.10"}' | analytics track -

      The value after name= is a text, after name:= JSON: 37, true, '["a"]'. Digits are stored as they are \
      written. A name that ends in a colon needs JSON: name::=1.

      The catalogue declares the fields of its events: duration_ms=5 is a number there. A field that \
      it does not declare is refused, since it may be misspelt; an event from standard input keeps \
      its further fields.

      For other events, the privacy of texts is not declared. By default e-mail addresses, and \
      texts under a name such as email, are hashed or cut to their domain. With --privacy strict all \
      texts are hashed, or left out where no ANALYTICS_PRIVACY_KEY is set.

      Waits until the event is stored. Nothing is spooled: if the command fails, run it again.

      Exit code: 0 if the event is stored; 1 if not, with one line that says why.
      """)

  @Argument(help: "The event's type; - reads the event as JSON from standard input.")
  var type: String

  @Argument(
    help: ArgumentHelp(
      "The event's fields; field:=value where the value is JSON.", valueName: "field=value"))
  var fields: [String] = []

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "The user: a UUID, or a name as services give it to userID(for:).", valueName: "name|uuid"))
  var user: String?

  @Option(help: "The service of an event without one.")
  var service = "shell"

  @Option(help: "production, staging, …")
  var environment: String?

  @Option(
    help: ArgumentHelp(
      "The event's time: RFC 3339, or a day, which begins at midnight UTC. By default now.",
      valueName: "time"),
    transform: Self.instant)
  var at: EventTimestamp?

  @OptionGroup var past: PastOptions
  @OptionGroup var privacy: PrivacyOptions

  @Option(help: ArgumentHelp("How long to wait for the database.", valueName: "seconds"))
  var timeout = 30

  @Flag(help: "Print the id as JSON.")
  var json = false

  func validate() throws {
    guard timeout > 0 else { throw ValidationError("--timeout is a number of seconds above 0") }
    guard type == "-" else { return }
    guard fields.isEmpty, user == nil else {
      throw ValidationError(
        "the event on standard input has its fields and user_id: give neither as arguments")
    }
  }

  func run() async throws {
    var configuration = AnalyticsConfiguration(
      service: service, environment: environment, buffer: .memory())
    configuration.acceptsFrom = try past.acceptsFrom()
    configuration.privacy = privacy.preset
    configuration.privacyKey = try PrivacyOptions.key()
    let given = type == "-" ? try await Self.standardInput() : nil
    let event = SingleEvent(
      database: try await database.database(), configuration: configuration, timestamp: at ?? .now,
      timeout: .seconds(timeout))
    let id = try await event.store { client in
      if let given { return given }
      let user = user.map { UUID(uuidString: $0) ?? client.userID(for: $0) }
      return try ShellFields(fields, user: user).event(type: type)
    }
    let text = id.uuidString.lowercased()
    try StandardOutput.print(["id": text], asJSON: json, or: text)
  }

  private static func standardInput() async throws -> AnalyticsEvent {
    let bytes = try await StandardInput().read(bytesMax: LineLimits.lineBytesMax)
    return try bytes.withUnsafeBytes { bytes in
      var parser = EventLineParser()
      return try parser.parseEvent(bytes)
    }
  }

  private static func instant(_ text: String) throws -> EventTimestamp {
    try EventTimestamp.parsing(text)
  }
}
