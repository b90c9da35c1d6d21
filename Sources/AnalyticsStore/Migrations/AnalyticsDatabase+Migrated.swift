package import AnalyticsConnections

extension AnalyticsDatabase {
  /// Throws ``StoreError/Code/notMigrated`` if the database is not migrated. A worker would wait
  /// for the migration forever; a person who typed a command should be told.
  package func requireMigrated() async throws(StoreError) {
    let waiting = try await Migrator(self).dryRun(.pre)
    guard waiting.isEmpty else {
      throw StoreError(
        .notMigrated,
        "the database is not migrated: run `analytics migrate` with the same database options")
    }
  }
}
