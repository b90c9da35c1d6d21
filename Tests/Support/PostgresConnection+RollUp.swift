import AnalyticsPostgres

extension PostgresConnection {
  /// Rolls up the pending events. Retention also does this before it drops raw events. Tests do it before they read
  /// figures from the tables.
  package func rollUp(eventsMax: Int = 1_000_000) async throws {
    var isDone = false
    var upto: Int?
    while !isDone {
      let row = try await query(
        "SELECT is_done, upto FROM analytics_roll_up(\(eventsMax), true, \(upto))" as SQL
      ).only()
      isDone = try row.decode(Bool.self, "is_done")
      upto = try row.decode(Int?.self, "upto")
    }
  }

  /// Prevents other sessions from rolling up until ``allowRollingUp()`` is called or this connection ends.
  package func blockRollingUp() async throws {
    _ = try await query(
      "SELECT pg_advisory_lock(class_id, object_id) FROM analytics_roll_up_lock()" as SQL)
  }

  package func allowRollingUp() async throws {
    _ = try await query(
      "SELECT pg_advisory_unlock(class_id, object_id) FROM analytics_roll_up_lock()" as SQL)
  }
}
