internal import AnalyticsPostgres

/// Retention for a hypertable of TimescaleDB.
extension MaintenanceRun {
  /// Does the same as the daily retention job: raises the retention boundary, then drops all whole
  /// chunks before it.
  func dropChunks(_ location: EngineLocation, _ report: inout MaintenanceReport) async throws {
    if let days = options.keepDays {
      let source: SQL = """
        \(schema).analytics_partitions()
        WHERE upper_bound <= now() - make_interval(days => \(Int32(clamping: days)))
        """
      _ = try await connection.query(.raiseBoundary(in: schema, toTheEndOf: source))
    }
    // Another process may raise the boundary in the meantime. It then waits for the transactions
    // that started before it did so.
    let boundary: PostgresTimestamp? = try await connection.query(.droppedBefore(in: schema))
      .value()
    guard let boundary else { return }
    let expired = try await chunks(before: boundary)
    guard !expired.isEmpty else { return }
    guard try await earlierIngestHasEnded(), try await bringRollupsUpToDate() else {
      report.waiting = expired
      return
    }
    do {
      report.dropped = try await dropChunks(before: boundary, location)
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      report.waiting = expired
    }
  }

  private func dropChunks(
    before boundary: PostgresTimestamp, _ location: EngineLocation
  ) async throws -> [String] {
    try await connection.query(
      """
      SELECT \(identifier: location.extensionSchema).drop_chunks(
          to_regclass(\(schema.quoted + ".analytics_events")),
          older_than => \(boundary))
      """
    ).values()
  }

  private func chunks(before boundary: PostgresTimestamp) async throws -> [String] {
    try await connection.query(
      """
      SELECT partition::text FROM \(schema).analytics_partitions()
      WHERE upper_bound <= \(boundary)
      """
    ).values()
  }
}
