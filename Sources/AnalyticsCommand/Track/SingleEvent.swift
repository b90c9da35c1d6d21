import Analytics
import AnalyticsConnections
import AnalyticsStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Stores one event the way a service stores its events, and waits until it is stored.
struct SingleEvent {
  let database: AnalyticsDatabase
  let configuration: AnalyticsConfiguration
  let timestamp: EventTimestamp
  /// How long to wait for the database.
  let timeout: Duration

  /// - Parameter make: Creates the event; it may ask the client for a user's ID.
  /// - Returns: The event's ID.
  /// - Throws: If the event was not stored, or if the server did not answer; it may then have
  ///   stored the event.
  func store(_ make: (AnalyticsClient) throws -> AnalyticsEvent) async throws -> UUID {
    let client = try AnalyticsClient(configuration, sink: PostgresEventSink(database))
    let event = try make(client)
    try await database.requireMigrated()
    try await client.readSinkClock()
    guard
      let origin = client.origin(
        hostname: configuration.hostname, environment: configuration.environment, isNew: true)
    else { throw CommandError("the event was not stored") }
    let id = UUID(timeOrderedAt: timestamp)
    if let dropped = try await client.record(event, at: timestamp, id: id, from: origin) {
      throw CommandError("the event cannot be stored: \(Self.reason(dropped))")
    }
    try await flush(client)
    let accounting = client.accounting
    guard accounting.rejected[.past] == nil else {
      throw CommandError(
        "the event is dated before \(configuration.acceptsFrom) and was not stored; --accepts-from "
          + "takes older ones")
    }
    // The reason was logged when the database refused it.
    guard accounting.stored == 1 else { throw CommandError("the database refused the event") }
    return id
  }

  private func flush(_ client: AnalyticsClient) async throws {
    let worker = AnalyticsWorker(client, logger: TerminalLog.logger())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await worker.run() }
      defer { group.cancelAll() }
      do {
        try await client.flush(timeout: timeout)
      } catch let error as AnalyticsError where error.code == .flushTimedOut {
        throw CommandError("the event was not stored within \(timeout): run the command again")
      }
    }
  }

  private static func reason(_ reason: DropReason) -> String {
    switch reason {
    case .invalid: "its type or service is not between 1 and 100 bytes long"
    case .tooLarge: "it is too large"
    case .full, .unavailable, .shutdown, .lost: "there is no room for it"
    }
  }
}
