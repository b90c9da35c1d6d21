internal import AnalyticsConnections
internal import AnalyticsPostgres

/// Merges pending events into the rollups by calling `analytics_roll_up` step by step.
///
/// Each step is one transaction. If a step fails, its events stay pending, and reports do not
/// change.
enum RollUp {
  /// The approximate number of events in a step: enough that most of the time is spent on events,
  /// and few enough to fit in memory.
  static let eventsMax = 50_000
  private static let eventsMin = 1_000

  struct Step {
    /// The number of events that the step merged, at most.
    var events: Int
    /// Whether all events that were pending at the first step are merged; `nil` if another process
    /// is rolling up.
    var isDone: Bool?
    /// The highest batch that was pending then, to be passed to the next step; `nil` if none was.
    var upto: Int?
  }

  /// Merges all events that are pending now. Waits while another process is rolling up. Events that
  /// are stored in the meantime are left for the next call.
  ///
  /// - Returns: The number of merged events, at most.
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

  /// Merges all pending events in the caller's READ COMMITTED transaction, which then keeps others
  /// from rolling up until it ends.
  static func within(
    transactionOf connection: PostgresConnection, in schema: SchemaName
  ) async throws(PostgresError) {
    var step = Step(events: 0, isDone: false)
    while step.isDone == false {
      step = try await self.step(on: connection, in: schema, waits: true, upto: step.upto)
    }
  }

  /// The size of the steps. It is halved when a step takes longer than a statement may, and grows
  /// again when steps succeed.
  struct Pace {
    private var limit = eventsMax

    /// Runs a step.
    ///
    /// - Returns: The step; `nil` if it was too large. The next one is smaller.
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

  /// Runs one step in the caller's READ COMMITTED transaction.
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

  /// Returns the approximate number of pending events of all processes.
  static func countPending(
    on connection: PostgresConnection, in schema: SchemaName
  ) async throws(PostgresError) -> Int {
    try await connection.query("SELECT \(schema).analytics_count_pending()").value()
  }
}
