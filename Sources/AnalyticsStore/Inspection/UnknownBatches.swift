package import AnalyticsConnections
internal import AnalyticsPostgres

extension Migrator {
  /// Counts events whose batch is neither rolled up nor pending, so that no report has them. They
  /// were written while the triggers were off, as logical replication does.
  /// `RollupUpkeep.refresh(progress:)` makes them pending.
  ///
  /// - Returns: `nil` if the login lacks the right to count them, or if the migration that this
  ///   needs has not been applied. The owner has the right.
  package func eventsOfUnknownBatches() async throws(StoreError) -> Int? {
    try await connected(doing: Self.readingState) { session in
      try await session.connection.transaction(readOnly: true) { connection in
        try await connection.execute(.names(in: session.schema, isLocal: true))
        guard try await connection.hasFunction("analytics_unknown_batches()") else { return nil }
        return try await connection.query(
          "SELECT coalesce(sum(events), 0)::bigint FROM analytics_unknown_batches()"
        ).value()
      }
    }
  }
}
