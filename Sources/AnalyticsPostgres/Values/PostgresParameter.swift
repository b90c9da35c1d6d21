package import Foundation

/// The value of a parameter (`$1`, `$2`, …) of a statement. It is sent in PostgreSQL's binary form,
/// with its type.
///
/// The SQL type is that of the case, not that of the column. PostgreSQL widens numbers and assigns
/// text to `varchar`, but it does not compare `text` with `uuid`, nor pass an `int8` to a function
/// that takes an `int4`.
package enum PostgresParameter: Sendable {
  /// NULL. The server infers the type.
  case null
  case bool(Bool)
  case int2(Int16)
  case int4(Int32)
  case int8(Int64)
  case float8(Double)
  case text(String)
  case uuid(UUID)
  /// Microseconds since 2000-01-01 00:00 UTC.
  case timestamptz(microseconds: Int64)
  /// A JSON text.
  case jsonb(String)
  case bytea([UInt8])
  case int8Array([Int64])
  case float8Array([Double])
  case textArray([String])
  case uuidArray([UUID])
  /// Each in microseconds since 2000-01-01 00:00 UTC.
  case timestamptzArray(microseconds: [Int64])
  /// Bytes that are in the wire form of the type already: its binary form, or its text form.
  case raw(type: PostgresType, bytes: [UInt8], isBinary: Bool)

  package static func timestamptz(_ timestamp: PostgresTimestamp) -> PostgresParameter {
    .timestamptz(microseconds: timestamp.microseconds)
  }

  /// Rounded to the nearest microsecond.
  package static func timestamptz(_ date: Date) -> PostgresParameter {
    .timestamptz(PostgresTimestamp(date))
  }

  package static func timestamptzArray(_ dates: [Date]) -> PostgresParameter {
    .timestamptzArray(microseconds: dates.map { PostgresTimestamp($0).microseconds })
  }

  /// - Parameter oid: The OID of the type in `pg_type`.
  package static func raw(oid: UInt32, bytes: [UInt8], binary: Bool = true) -> PostgresParameter {
    .raw(type: PostgresType(rawValue: oid), bytes: bytes, isBinary: binary)
  }

  package var type: PostgresType {
    switch self {
    case .null: .unspecified
    case .bool: .bool
    case .int2: .int2
    case .int4: .int4
    case .int8: .int8
    case .float8: .float8
    case .text: .text
    case .uuid: .uuid
    case .timestamptz: .timestamptz
    case .jsonb: .jsonb
    case .bytea: .bytea
    case .int8Array: .int8Array
    case .float8Array: .float8Array
    case .textArray: .textArray
    case .uuidArray: .uuidArray
    case .timestamptzArray: .timestamptzArray
    case .raw(let type, _, _): type
    }
  }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .int8(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
}
