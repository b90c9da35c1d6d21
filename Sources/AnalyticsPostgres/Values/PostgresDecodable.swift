package import Foundation

/// A Swift type that can be read from a column of certain types.
package protocol PostgresDecodable {
  /// The column types whose values fit this type without loss.
  static var postgresTypes: [PostgresType] { get }

  /// Reads a value's binary form. `bytes` is valid only during the call.
  ///
  /// - Returns: `nil` if the bytes are not a value of this type.
  static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Self?
}

extension Bool: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.bool] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Bool? {
    bytes.count == 1 ? bytes[0] != 0 : nil
  }
}

extension Int16: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.int2] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Int16? {
    Int16(bigEndian: bytes)
  }
}

extension Int32: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.int4, .int2] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Int32? {
    type == .int2 ? Int16(bigEndian: bytes).map(Int32.init) : Int32(bigEndian: bytes)
  }
}

extension Int64: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.int8, .int4, .int2] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Int64? {
    type == .int8
      ? Int64(bigEndian: bytes) : Int32.decode(bytes, as: type).map(Int64.init)
  }
}

extension Int: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { Int64.postgresTypes }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Int? {
    Int64.decode(bytes, as: type).flatMap(Int.init(exactly:))
  }
}

extension Double: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.float8, .float4] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Double? {
    type == .float4
      ? UInt32(bigEndian: bytes).map { Double(Float(bitPattern: $0)) }
      : UInt64(bigEndian: bytes).map(Double.init(bitPattern:))
  }
}

/// Text, and JSON as text.
extension String: PostgresDecodable {
  package static var postgresTypes: [PostgresType] {
    [.text, .varchar, .bpchar, .name, .json, .jsonb]
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> String? {
    if type == .jsonb {
      guard bytes.first == PostgresParameter.jsonbVersion else { return nil }
      return String(validating: bytes.dropFirst(), as: UTF8.self)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// The bytes of a `bytea`.
extension Data: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.bytea] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Data? {
    Data(bytes)
  }
}

extension UUID: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.uuid] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> UUID? {
    bytes.count == 16 ? UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)) : nil
  }
}

extension PostgresTimestamp: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.timestamptz] }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer, as type: PostgresType
  ) -> PostgresTimestamp? {
    Int64(bigEndian: bytes).map(PostgresTimestamp.init(microseconds:))
  }
}

/// Rounded to the precision of `Date`. `infinity` is not a date.
extension Date: PostgresDecodable {
  package static var postgresTypes: [PostgresType] { [.timestamptz] }

  package static func decode(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> Date? {
    PostgresTimestamp.decode(bytes, as: type)?.date
  }
}

extension FixedWidthInteger {
  /// - Returns: `nil` unless the number of bytes is that of the type.
  init?(bigEndian bytes: UnsafeRawBufferPointer) {
    guard bytes.count == MemoryLayout<Self>.size else { return nil }
    self = Self(bigEndian: bytes.loadUnaligned(as: Self.self))
  }
}
