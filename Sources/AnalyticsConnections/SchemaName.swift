package import AnalyticsPostgres

/// The name of the schema that holds the tables.
package struct SchemaName: Sendable, Hashable {
  package let name: String

  package init(name: String) { self.name = name }

  /// The name in double quotes, with quotes inside it doubled, as server functions such as
  /// `to_regclass` read it.
  package var quoted: String { SQL.identifier(name).description }
}

extension SQL.StringInterpolation {
  /// Appends the schema's name, quoted.
  package mutating func appendInterpolation(_ schema: SchemaName) {
    appendInterpolation(identifier: schema.name)
  }
}

extension SQL {
  /// Returns a statement that makes unqualified names refer to the schema, until the transaction
  /// ends or for the whole session.
  package static func names(in schema: SchemaName, isLocal: Bool) -> SQL {
    "SET \(isLocal ? "LOCAL " : "" as SQL)search_path = \(schema), pg_temp"
  }
}
