package import Foundation

/// A Swift type whose values can be parameters of a statement.
///
/// The SQL type is the one given below, not that of the column. PostgreSQL widens numbers and
/// assigns text to `varchar`, but it does not compare `text` with `uuid`, nor pass an `int8` to a
/// function that takes an `int4`.
package protocol PostgresEncodable {
  var parameter: PostgresParameter { get }
}

extension PostgresParameter: PostgresEncodable {
  package var parameter: PostgresParameter { self }
}

extension Bool: PostgresEncodable {
  package var parameter: PostgresParameter { .bool(self) }
}

extension Int32: PostgresEncodable {
  package var parameter: PostgresParameter { .int4(self) }
}

extension Int64: PostgresEncodable {
  package var parameter: PostgresParameter { .int8(self) }
}

extension Int: PostgresEncodable {
  package var parameter: PostgresParameter { .int8(Int64(self)) }
}

extension Double: PostgresEncodable {
  package var parameter: PostgresParameter { .float8(self) }
}

extension String: PostgresEncodable {
  package var parameter: PostgresParameter { .text(self) }
}

extension UUID: PostgresEncodable {
  package var parameter: PostgresParameter { .uuid(self) }
}

extension PostgresTimestamp: PostgresEncodable {
  package var parameter: PostgresParameter { .timestamptz(self) }
}

/// Rounded to the nearest microsecond.
extension Date: PostgresEncodable {
  package var parameter: PostgresParameter { .timestamptz(self) }
}

/// A type whose arrays can be parameters: for bytes a `bytea`, otherwise an array of one dimension
/// without NULL.
package protocol PostgresArrayEncodable {
  static func parameter(of values: [Self]) -> PostgresParameter
}

extension Array: PostgresEncodable where Element: PostgresArrayEncodable {
  package var parameter: PostgresParameter { Element.parameter(of: self) }
}

extension UInt8: PostgresArrayEncodable {
  /// Returns a `bytea`.
  package static func parameter(of values: [UInt8]) -> PostgresParameter { .bytea(values) }
}

extension Int64: PostgresArrayEncodable {
  package static func parameter(of values: [Int64]) -> PostgresParameter { .int8Array(values) }
}

extension Int: PostgresArrayEncodable {
  package static func parameter(of values: [Int]) -> PostgresParameter {
    .int8Array(values.map(Int64.init))
  }
}

extension Double: PostgresArrayEncodable {
  package static func parameter(of values: [Double]) -> PostgresParameter { .float8Array(values) }
}

extension String: PostgresArrayEncodable {
  package static func parameter(of values: [String]) -> PostgresParameter { .textArray(values) }
}

extension UUID: PostgresArrayEncodable {
  package static func parameter(of values: [UUID]) -> PostgresParameter { .uuidArray(values) }
}

extension Date: PostgresArrayEncodable {
  package static func parameter(of values: [Date]) -> PostgresParameter {
    .timestamptzArray(values)
  }
}

extension PostgresTimestamp: PostgresArrayEncodable {
  package static func parameter(of values: [PostgresTimestamp]) -> PostgresParameter {
    .timestamptzArray(microseconds: values.map(\.microseconds))
  }
}
