internal import AnalyticsPostgres

/// What this login may do with what the migrations make, with the schema in `search_path`.
extension PostgresConnection {
  /// Whether a function is there, which its migration brings, and may be called.
  ///
  /// - Parameter signature: `name(type)`.
  func hasFunction(_ signature: String) async throws(PostgresError) -> Bool {
    try await query(
      "SELECT coalesce(has_function_privilege(to_regprocedure(\(signature)), 'EXECUTE'), false)"
    ).value()
  }

  /// Whether a table is there and may be read.
  func mayRead(_ table: String) async throws(PostgresError) -> Bool {
    try await query(
      "SELECT coalesce(has_table_privilege(to_regclass(\(table)), 'SELECT'), false)"
    ).value()
  }
}
