/// A PostgreSQL type, given by its OID in `pg_type`. The built-in types have the same OIDs on every
/// server.
package struct PostgresType: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Lets the server infer the type from the statement.
  package static let unspecified = PostgresType(rawValue: 0)
  package static let bool = PostgresType(rawValue: 16)
  package static let bytea = PostgresType(rawValue: 17)
  package static let name = PostgresType(rawValue: 19)
  package static let int8 = PostgresType(rawValue: 20)
  package static let int2 = PostgresType(rawValue: 21)
  package static let int4 = PostgresType(rawValue: 23)
  package static let text = PostgresType(rawValue: 25)
  package static let json = PostgresType(rawValue: 114)
  package static let float4 = PostgresType(rawValue: 700)
  package static let float8 = PostgresType(rawValue: 701)
  package static let bpchar = PostgresType(rawValue: 1042)
  package static let varchar = PostgresType(rawValue: 1043)
  package static let date = PostgresType(rawValue: 1082)
  package static let timestamptz = PostgresType(rawValue: 1184)
  package static let numeric = PostgresType(rawValue: 1700)
  package static let uuid = PostgresType(rawValue: 2950)
  package static let jsonb = PostgresType(rawValue: 3802)

  package static let nameArray = PostgresType(rawValue: 1003)
  package static let textArray = PostgresType(rawValue: 1009)
  package static let varcharArray = PostgresType(rawValue: 1015)
  package static let int8Array = PostgresType(rawValue: 1016)
  package static let float8Array = PostgresType(rawValue: 1022)
  package static let timestamptzArray = PostgresType(rawValue: 1185)
  package static let uuidArray = PostgresType(rawValue: 2951)
}

extension PostgresType: CustomStringConvertible {
  package var description: String {
    Self.names[self] ?? "the type with OID \(rawValue)"
  }

  private static let names: [PostgresType: String] = [
    .bool: "bool", .bytea: "bytea", .name: "name", .int8: "int8", .int2: "int2", .int4: "int4",
    .text: "text", .json: "json", .float4: "float4", .float8: "float8", .bpchar: "char(n)",
    .varchar: "varchar", .date: "date", .timestamptz: "timestamptz", .numeric: "numeric",
    .uuid: "uuid", .jsonb: "jsonb", .nameArray: "name[]", .textArray: "text[]",
    .varcharArray: "varchar[]", .int8Array: "int8[]", .float8Array: "float8[]",
    .timestamptzArray: "timestamptz[]", .uuidArray: "uuid[]",
  ]
}
