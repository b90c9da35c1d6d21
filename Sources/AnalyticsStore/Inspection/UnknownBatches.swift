package import AnalyticsConnections
internal import AnalyticsPostgres

extension Migrator {
  /// How many events have a batch that is neither rolled up nor pending, and so are in no report: they were written with
  /// the triggers off, as logical replication does. `RollupUpkeep.refresh(progress:)` makes them pending.
  ///
  /// - Returns: `nil` without the right to look, which the owner has.
  package func eventsOfUnknownBatches() async throws(StoreError) -> Int? {
    try await connected(doing: Self.look) { session in
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
