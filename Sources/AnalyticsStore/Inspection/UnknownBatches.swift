package import AnalyticsConnections
internal import AnalyticsPostgres

extension Migrator {
  /// How many events have the number of a batch that nobody here has drawn, and so are in no report: they came around
  /// the trigger, as logical replication writes them. `RollupUpkeep.refresh(progress:)` brings them in.
  ///
  /// - Returns: `nil` without the right to look, which the owner has.
  package func eventsOfUnknownBatches() async throws(StoreError) -> Int? {
    try await connected(doing: Self.look) { session in
      try await session.connection.transaction(readOnly: true) { connection in
        try await connection.execute(.names(in: session.schema, isLocal: true))
        let mayLook: Bool = try await connection.query(
          """
          SELECT coalesce(has_function_privilege(to_regprocedure('analytics_unknown_batches()'), 'EXECUTE'), false)
          """
        ).value()
        guard mayLook else { return nil }
        return try await connection.query(
          "SELECT coalesce(sum(events), 0)::bigint FROM analytics_unknown_batches()"
        ).value()
      }
    }
  }
}
