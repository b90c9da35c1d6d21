package import AnalyticsPostgres

/// The schema that holds the tables, as SQL wants it written.
package struct SchemaName: Sendable, Hashable {
  package let name: String

  package init(name: String) { self.name = name }

  /// `"name"`, quotes in it doubled: as the server's functions read a name.
  package var quoted: String { SQL.identifier(name).description }
}

extension SQL.StringInterpolation {
  /// The schema's name, quoted.
  package mutating func appendInterpolation(_ schema: SchemaName) {
    appendInterpolation(identifier: schema.name)
  }
}

extension SQL {
  /// What makes names those of a schema: until the transaction ends, or for the session.
  package static func names(in schema: SchemaName, isLocal: Bool) -> SQL {
    "SET \(isLocal ? "LOCAL " : "" as SQL)search_path = \(schema), pg_temp"
  }
}
