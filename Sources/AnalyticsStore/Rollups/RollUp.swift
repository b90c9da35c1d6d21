internal import AnalyticsConnections
internal import AnalyticsPostgres

/// Merging pending events into the rollups: what `analytics_roll_up` does, step by step.
///
/// Each step is one transaction. Whatever ends it, what it was about stays pending, and no report sees a
/// difference.
enum RollUp {
  /// How many events a step takes, about: enough that most of its time is spent on them, and so few that
  /// they fit in memory.
  static let eventsMax = 50_000
  private static let eventsMin = 1_000

  struct Step {
    /// How many events it merged, at most.
    var events: Int
    /// Whether all is merged that was pending when it looked; `nil` if somebody else is at it.
    var isDone: Bool?
  }

  /// Merges what is pending now, and waits for others that are at it.
  ///
  /// - Returns: How many events, at most.
  @discardableResult
  static func all(on connection: PostgresConnection, in schema: SchemaName) async throws -> Int {
    var events = 0
    var limit = eventsMax
    while true {
      do {
        let asked = limit
        let done: Step = try await connection.transaction(isolation: .readCommitted) { _ in
          try await step(on: connection, in: schema, limit: asked, waits: true)
        }
        events += done.events
        if done.isDone != false { return events }
      } catch let error as PostgresError
        where error.sqlState == .queryCanceled && limit > eventsMin && !Task.isCancelled
      {
        // It took longer than a statement may.
        limit /= 2
      }
    }
  }

  /// One step, in a transaction of the caller's in READ COMMITTED.
  static func step(
    on connection: PostgresConnection, in schema: SchemaName, limit: Int = eventsMax, waits: Bool
  ) async throws(PostgresError) -> Step {
    let row = try await connection.query(
      "SELECT rolled_up, is_done FROM \(schema).analytics_roll_up(\(limit), \(waits))"
    ).only()
    return Step(
      events: try row.decode(Int.self, "rolled_up"), isDone: try row.decode(Bool?.self, "is_done"))
  }
}
