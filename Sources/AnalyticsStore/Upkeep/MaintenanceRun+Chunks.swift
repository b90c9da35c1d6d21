internal import AnalyticsPostgres

/// Retention where the events are a hypertable.
extension MaintenanceRun {
  /// As its own scheduler does once a day: the boundary first, then all whole chunks behind it.
  func dropChunks(_ place: EnginePlace, _ report: inout MaintenanceReport) async throws {
    if let days = options.keepDays {
      _ = try await connection.query(
        Statement.raiseBoundary.text(in: schema), [.int4(Int32(clamping: days))])
    }
    let expired = try await expiredChunks()
    guard !expired.isEmpty else { return }
    guard try await earlierIngestHasEnded() else {
      report.waiting = expired
      return
    }
    do {
      report.dropped = try await dropExpiredChunks(place)
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      report.waiting = expired
    }
  }

  private func dropExpiredChunks(_ place: EnginePlace) async throws -> [String] {
    let statement = Statement.dropChunks.text(
      in: schema, ["extension": place.extensionSchema ?? "public"])
    return try await connection.query(statement, [.text(schema.quoted)])
      .map { row in try row.decode(String.self, at: 0) }
  }

  private func expiredChunks() async throws -> [String] {
    try await connection.query(Statement.expiredChunks.text(in: schema))
      .map { row in try row.decode(String.self, at: 0) }
  }
}
