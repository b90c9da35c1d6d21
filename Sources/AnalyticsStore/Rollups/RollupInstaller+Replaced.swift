internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Logging

extension RollupInstaller {
  /// Drops versions of which nothing is read any more: a later one has computed all their days.
  func dropReplaced() async throws {
    try await connection.execute(.names(in: session.schema, isLocal: false))
    let replaced = try await replaced()
    guard !replaced.isEmpty else { return }
    do {
      try await connection.transaction(isolation: .readCommitted) { _ in try await drop(replaced) }
    } catch let error as PostgresError where error.sqlState != nil {
      // Somebody reads them. They are in nobody's way.
      logger.notice(
        "former versions of rollups could not be dropped, the next migrate tries again",
        metadata: ["analytics.reason": "\(error)"])
      return
    }
    for rollup in replaced {
      logger.info(
        "former version of a rollup dropped",
        metadata: [
          "analytics.rollup": "\(rollup.name)", "analytics.version": "\(rollup.version)",
        ])
    }
  }

  private func drop(_ replaced: [Rollup]) async throws {
    _ = try await connection.query("SELECT analytics_lock_rollups()")
    // Reports wait for as long as this waits for one of them.
    try await connection.execute("SET LOCAL lock_timeout = '5s'")
    for rollup in replaced {
      _ = try await connection.query(
        """
        DELETE FROM analytics_rollups
        WHERE name = \(rollup.name) AND version = \(Int32(rollup.version))
        """)
    }
    // The views read the tables.
    try await deriveAgain()
    let tables = replaced.flatMap(RollupTable.all).map(\.sql)
    try await connection.execute("DROP TABLE \(tables.joined(separator: ", "))")
  }

  private func replaced() async throws -> [Rollup] {
    var replaced: [Rollup] = []
    for versions in Dictionary(grouping: try await registered(), by: \.rollup.name).values {
      // The oldest first: what one in between lacks must not come from one before it.
      for (successor, version) in zip(versions, versions.dropFirst()).reversed() {
        guard try await isReplaced(version, by: successor) else { break }
        replaced.append(version.rollup)
      }
    }
    return replaced
  }

  private func isReplaced(
    _ version: RollupViews.Version, by successor: RollupViews.Version
  ) async throws(PostgresError) -> Bool {
    let isRead = RollupTable.all(of: version.rollup).map { table in
      """
      EXISTS (SELECT FROM \(table.sql)
              WHERE \(table.timeColumn) < \(literal: successor.validFrom)::timestamptz)
      """ as SQL
    }
    return try await connection.query(
      """
      SELECT NOT (\(isRead.joined(separator: " OR ")) OR EXISTS (
          SELECT FROM analytics_rollup_pending
          WHERE name = \(successor.rollup.name) AND version = \(Int32(successor.rollup.version))))
      """
    ).value()
  }
}
