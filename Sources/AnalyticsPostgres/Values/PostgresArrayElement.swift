package import Foundation

/// A Swift type whose arrays can be read from a column.
package protocol PostgresArrayElement {
  static var postgresArrayTypes: [PostgresType] { get }

  /// Reads an array's binary form. `bytes` is valid only during the call.
  ///
  /// - Returns: `nil` if the bytes are not an array of this type.
  static func decodeArray(_ bytes: UnsafeRawBufferPointer, as type: PostgresType) -> [Self]?
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
  package static var postgresTypes: [PostgresType] { Element.postgresArrayTypes }

  package static func decode(
    _ bytes: UnsafeRawBufferPointer, as type: PostgresType
  ) -> [Element]? {
    Element.decodeArray(bytes, as: type)
  }
}

/// A `[UInt8]` is read from a `bytea`.
extension UInt8: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] { [.bytea] }

  package static func decodeArray(
    _ bytes: UnsafeRawBufferPointer, as type: PostgresType
  ) -> [UInt8]? {
    [UInt8](bytes)
  }
}

extension Int64: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] { [.int8Array] }
}

extension Double: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] { [.float8Array] }
}

extension String: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] {
    [.textArray, .varcharArray, .nameArray]
  }
}

extension UUID: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] { [.uuidArray] }
}

extension PostgresTimestamp: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] { [.timestamptzArray] }
}

extension Date: PostgresArrayElement {
  package static var postgresArrayTypes: [PostgresType] { [.timestamptzArray] }
}

/// An array whose elements may be NULL.
extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresDecodable {
  package static var postgresArrayTypes: [PostgresType] { Wrapped.postgresArrayTypes }

  package static func decodeArray(
    _ bytes: UnsafeRawBufferPointer, as type: PostgresType
  ) -> [Wrapped?]? {
    decodeElements(bytes) { element, type in
      guard let element else { return .some(nil) }
      return Wrapped.decode(element, as: type).map(Optional.some)
    }
  }
}

extension PostgresArrayElement where Self: PostgresDecodable {
  package static func decodeArray(
    _ bytes: UnsafeRawBufferPointer, as type: PostgresType
  ) -> [Self]? {
    decodeElements(bytes) { element, type in
      element.flatMap { Self.decode($0, as: type) }
    }
  }
}

/// Reads the output of `array_send` for one dimension: the number of dimensions, a flag for NULLs,
/// the element type, the number of elements, the lower bound, and each element after its length (-1
/// for NULL).
private func decodeElements<Element>(
  _ bytes: UnsafeRawBufferPointer,
  _ decode: (UnsafeRawBufferPointer?, PostgresType) -> Element?
) -> [Element]? {
  var reader = ArrayReader(bytes: bytes)
  guard let dimensions = reader.int32(), reader.int32() != nil, let oid = reader.int32() else {
    return nil
  }
  if dimensions == 0 { return [] }
  guard dimensions == 1, let count = reader.int32(), reader.int32() != nil, count >= 0,
    count <= bytes.count / 4
  else { return nil }
  let type = PostgresType(rawValue: UInt32(bitPattern: oid))
  var elements: [Element] = []
  elements.reserveCapacity(Int(count))
  for _ in 0..<count {
    guard let length = reader.int32() else { return nil }
    let content = length < 0 ? nil : reader.take(Int(length))
    guard length < 0 || content != nil, let element = decode(content, type) else { return nil }
    elements.append(element)
  }
  return elements
}

private struct ArrayReader {
  let bytes: UnsafeRawBufferPointer
  var offset = 0

  mutating func int32() -> Int32? {
    take(4).flatMap(Int32.init(bigEndian:))
  }

  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard bytes.count - offset >= count else { return nil }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }
}
