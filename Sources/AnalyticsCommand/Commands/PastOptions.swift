import Analytics
import ArgumentParser
import Foundation

/// How far back in time the events may lie that a command stores.
struct PastOptions: ParsableArguments {
  @Option(
    name: .customLong("accepts-from"),
    help: ArgumentHelp(
      "The earliest time of an event: RFC 3339, or a day, which begins at midnight UTC. Earlier ones are not stored and count as rejected. By default ANALYTICS_ACCEPTS_FROM, else 2000-01-01.",
      valueName: "time"),
    transform: Self.instant)
  var given: EventTimestamp?

  /// What the option says, else the services' setting, else what is theirs by default.
  ///
  /// - Throws: Where the variable cannot be read: a default in its place would go unnoticed.
  func acceptsFrom() throws -> EventTimestamp {
    if let given { return given }
    guard let text = ProcessInfo.processInfo.environment[Self.variable], !text.isEmpty else {
      return .acceptedFromByDefault
    }
    guard let value = EventTimestamp(timeOrDay: text) else {
      throw CommandError(
        "\(Self.variable) is no time such as 2000-01-01T00:00:00Z, and no day; set it as for the services"
      )
    }
    return value
  }

  private static let variable = "ANALYTICS_ACCEPTS_FROM"

  private static func instant(_ text: String) throws -> EventTimestamp {
    try EventTimestamp.parsing(text)
  }
}
