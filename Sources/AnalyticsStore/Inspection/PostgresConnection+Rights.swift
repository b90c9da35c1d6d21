internal import AnalyticsPostgres

/// Rights of this login on objects that migrations create. `search_path` has to name the schema.
extension PostgresConnection {
  /// Returns whether a function exists and may be called. A function is missing until its migration
  /// has been applied.
  ///
  /// - Parameter signature: The name and the argument types, as in `name(type)`.
  func hasFunction(_ signature: String) async throws(PostgresError) -> Bool {
    try await query(
      "SELECT coalesce(has_function_privilege(to_regprocedure(\(signature)), 'EXECUTE'), false)"
    ).value()
  }

  /// Returns whether a table exists and may be read.
  func mayRead(_ table: String) async throws(PostgresError) -> Bool {
    try await query(
      "SELECT coalesce(has_table_privilege(to_regclass(\(table)), 'SELECT'), false)"
    ).value()
  }
}
