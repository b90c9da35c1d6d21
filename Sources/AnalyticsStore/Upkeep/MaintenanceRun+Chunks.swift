internal import AnalyticsPostgres

/// Retention where the events are a hypertable.
extension MaintenanceRun {
  /// As its own scheduler does once a day: the boundary first, then all whole chunks behind it.
  func dropChunks(_ place: EnginePlace, _ report: inout MaintenanceReport) async throws {
    if let days = options.keepDays {
      let source: SQL = """
        \(schema).analytics_partitions()
        WHERE upper_bound <= now() - make_interval(days => \(Int32(clamping: days)))
        """
      _ = try await connection.query(.raiseBoundary(in: schema, toTheEndOf: source))
    }
    let expired = try await expiredChunks()
    guard !expired.isEmpty else { return }
    guard try await earlierIngestHasEnded() else {
      report.waiting = expired
      return
    }
    try await RollUp.all(on: connection, in: schema)
    do {
      report.dropped = try await dropExpiredChunks(place)
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      report.waiting = expired
    }
  }

  private func dropExpiredChunks(_ place: EnginePlace) async throws -> [String] {
    try await connection.query(
      """
      SELECT \(identifier: place.extensionSchema).drop_chunks(
          to_regclass(\(schema.quoted + ".analytics_events")),
          older_than => (SELECT dropped_before FROM \(schema).analytics_retention))
      """
    ).values()
  }

  private func expiredChunks() async throws -> [String] {
    try await connection.query(
      """
      SELECT partition::text FROM \(schema).analytics_partitions()
      WHERE upper_bound <= (SELECT dropped_before FROM \(schema).analytics_retention)
      """
    ).values()
  }
}
