internal import AnalyticsPostgres

/// The schema that holds the tables, as SQL wants it written.
struct SchemaName: Sendable, Hashable {
  let name: String

  /// `"name"`, quotes in it doubled: as the server's functions read a name.
  var quoted: String { SQL.identifier(name).description }

  /// The schema that was asked for, else the first of `search_path`; `nil` if there is none.
  static func resolve(
    _ wanted: String?, on connection: PostgresConnection
  ) async throws(PostgresError) -> SchemaName? {
    if let wanted { return SchemaName(name: wanted) }
    let current: String? = try await connection.query("SELECT current_schema()::text").value()
    return current.map(SchemaName.init)
  }
}

extension SQL.StringInterpolation {
  /// The schema's name, quoted.
  mutating func appendInterpolation(_ schema: SchemaName) {
    appendInterpolation(identifier: schema.name)
  }
}

extension SQL {
  /// What makes names those of a schema: until the transaction ends, or for the session.
  static func names(in schema: SchemaName, isLocal: Bool) -> SQL {
    "SET \(isLocal ? "LOCAL " : "" as SQL)search_path = \(schema), pg_temp"
  }
}
