import Analytics
import ArgumentParser
import Foundation

/// The option for the earliest time of events that a command stores.
struct PastOptions: ParsableArguments {
  @Option(
    name: .customLong("accepts-from"),
    help: ArgumentHelp(
      "The earliest time of an event: RFC 3339, or a day, which begins at midnight UTC. Earlier ones are not stored and count as rejected. By default ANALYTICS_ACCEPTS_FROM, else 2000-01-01.",
      valueName: "time"),
    transform: Self.instant)
  var given: EventTimestamp?

  /// The value of the option, else that of the services' environment variable, else the services'
  /// default.
  ///
  /// - Throws: If the variable cannot be parsed. Falling back to the default would go unnoticed.
  func acceptsFrom() throws -> EventTimestamp {
    if let given { return given }
    guard let text = ProcessInfo.processInfo.environment[Self.variable], !text.isEmpty else {
      return .acceptedFromByDefault
    }
    guard let value = EventTimestamp(timeOrDay: text) else {
      throw CommandError(
        "\(Self.variable) is neither a time such as 2000-01-01T00:00:00Z nor a day; set it as for the services"
      )
    }
    return value
  }

  private static let variable = "ANALYTICS_ACCEPTS_FROM"

  private static func instant(_ text: String) throws -> EventTimestamp {
    try EventTimestamp.parsing(text)
  }
}
