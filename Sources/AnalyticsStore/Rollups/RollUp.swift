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
    /// Whether all that the first step found pending is merged; `nil` if another process is rolling up.
    var isDone: Bool?
    /// The highest number that was pending then, for the next step; `nil` if none was.
    var upto: Int?
  }

  /// Merges what is pending now; waits while another process is rolling up. What is stored meanwhile is left for
  /// the next time.
  ///
  /// - Returns: How many events, at most.
  @discardableResult
  static func all(on connection: PostgresConnection, in schema: SchemaName) async throws -> Int {
    var events = 0
    var pace = Pace()
    var upto: Int?
    while true {
      let done = try await pace.step { [upto] limit in
        try await connection.transaction(isolation: .readCommitted) { _ in
          try await step(on: connection, in: schema, limit: limit, waits: true, upto: upto)
        }
      }
      guard let done else { continue }
      events += done.events
      upto = done.upto
      if done.isDone != false { return events }
    }
  }

  /// Merges what is pending in a transaction of the caller's in READ COMMITTED, which keeps others from it to the end.
  static func within(
    transactionOf connection: PostgresConnection, in schema: SchemaName
  ) async throws(PostgresError) {
    var step = Step(events: 0, isDone: false)
    while step.isDone == false {
      step = try await self.step(on: connection, in: schema, waits: true, upto: step.upto)
    }
  }

  /// How large steps are: smaller where one took longer than a statement may.
  struct Pace {
    private var limit = eventsMax

    /// - Returns: `nil` where the step was too large; the next one is smaller.
    mutating func step(
      _ body: (_ limit: Int) async throws -> Step
    ) async throws -> Step? {
      do {
        let step = try await body(limit)
        limit = min(limit + limit / 8, eventsMax)
        return step
      } catch let error as PostgresError
        where error.sqlState == .queryCanceled && limit > eventsMin && !Task.isCancelled
      {
        limit /= 2
        return nil
      }
    }
  }

  /// One step, in a transaction of the caller's in READ COMMITTED.
  static func step(
    on connection: PostgresConnection, in schema: SchemaName, limit: Int = eventsMax, waits: Bool,
    upto: Int? = nil
  ) async throws(PostgresError) -> Step {
    let row = try await connection.query(
      """
      SELECT rolled_up, is_done, upto FROM \(schema).analytics_roll_up(\(limit), \(waits), \(upto))
      """
    ).only()
    return Step(
      events: try row.decode(Int.self, "rolled_up"), isDone: try row.decode(Bool?.self, "is_done"),
      upto: try row.decode(Int?.self, "upto"))
  }

  /// How many events are pending, about, whoever stored them.
  static func countPending(
    on connection: PostgresConnection, in schema: SchemaName
  ) async throws(PostgresError) -> Int {
    try await connection.query("SELECT \(schema).analytics_count_pending()").value()
  }
}
