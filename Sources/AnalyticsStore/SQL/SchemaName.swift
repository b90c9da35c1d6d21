internal import AnalyticsPostgres
internal import AnalyticsText

/// The schema that holds the tables, as SQL wants it written.
struct SchemaName: Sendable, Hashable {
  let name: String

  /// `"name"`, quotes in it doubled.
  var quoted: String { SQLText.identifier(name) }

  /// The schema that was asked for, else the first of `search_path`; `nil` if there is none.
  static func resolve(
    _ wanted: String?, on connection: PostgresConnection
  ) async throws(PostgresError) -> SchemaName? {
    if let wanted { return SchemaName(name: wanted) }
    let row = try await connection.query(Statement.currentSchema.text).only()
    return try row.decode(String?.self, at: 0).map(SchemaName.init)
  }
}
