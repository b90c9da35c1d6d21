internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Logging

extension RollupInstaller {
  /// Drops the tables of a rollup's former versions that are not read any more, because a later
  /// version has figures for all their days.
  ///
  /// A failure is logged, and the next migration tries again.
  func dropReplaced() async throws {
    try await connection.execute(.names(in: session.schema, isLocal: false))
    for versions in Dictionary(grouping: try await registered(), by: \.rollup.name).values {
      // The oldest version comes first: if a version in between lacks a day, that day must not be
      // read from an even older version.
      for (successor, version) in zip(versions, versions.dropFirst()).reversed() {
        guard try await isReplaced(version, by: successor),
          try await isDropped(version, replacedBy: successor)
        else { break }
      }
    }
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

  private func isDropped(
    _ version: RollupViews.Version, replacedBy successor: RollupViews.Version
  ) async throws -> Bool {
    var metadata: Logger.Metadata = [
      "analytics.rollup": "\(version.rollup.name)",
      "analytics.version": "\(version.rollup.version)",
    ]
    do {
      let isDropped = try await tryingAgain(attempts: 20) { _ in
        try await connection.transaction(isolation: .readCommitted) { _ in
          try await drop(version, replacedBy: successor)
        }
      }
      if isDropped { logger.info("former version of a rollup dropped", metadata: metadata) }
      return isDropped
    } catch let error as PostgresError where error.sqlState != nil {
      metadata["analytics.reason"] = "\(error)"
      logger.warning("former version of a rollup could not be dropped", metadata: metadata)
      return false
    }
  }

  /// - Returns: False if a day was left to be recomputed since ``isReplaced(_:by:)`` was checked.
  private func drop(
    _ version: RollupViews.Version, replacedBy successor: RollupViews.Version
  ) async throws -> Bool {
    _ = try await connection.query("SELECT analytics_lock_rollups()")
    guard try await isReplaced(version, by: successor) else { return false }
    _ = try await connection.query(
      """
      DELETE FROM analytics_rollups
      WHERE name = \(version.rollup.name) AND version = \(Int32(version.rollup.version))
      """)
    // The views depend on the tables, so they are recreated first.
    try await recreateDerived(lockAttempts: 1)
    let tables = RollupTable.all(of: version.rollup).map(\.sql)
    try await connection.execute(Self.shortLockTimeout)
    try await connection.execute("DROP TABLE \(tables.joined(separator: ", "))")
    return true
  }
}
