internal import Foundation

extension PostgresParameter {
  /// Appends the value in its wire form.
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .null: break
    case .bool(let value): bytes.append(value ? 1 : 0)
    case .int2(let value): bytes.appendBigEndian(value)
    case .int4(let value): bytes.appendBigEndian(value)
    case .int8(let value): bytes.appendBigEndian(value)
    case .float8(let value): bytes.appendBigEndian(value.bitPattern)
    case .text(let value): bytes.append(contentsOf: value.utf8)
    case .uuid(let value): bytes.append(value)
    case .timestamptz(let microseconds): bytes.appendBigEndian(microseconds)
    case .jsonb(let value):
      bytes.append(Self.jsonbVersion)
      bytes.append(contentsOf: value.utf8)
    case .bytea(let value), .raw(_, let value, _): bytes.append(contentsOf: value)
    case .int8Array(let values), .timestamptzArray(let values):
      let element: PostgresType = if case .int8Array = self { .int8 } else { .timestamptz }
      bytes.appendArray(values, of: element) { bytes, value in
        bytes.appendBigEndian(Int32(8))
        bytes.appendBigEndian(value)
      }
    case .float8Array(let values):
      bytes.appendArray(values, of: .float8) { bytes, value in
        bytes.appendBigEndian(Int32(8))
        bytes.appendBigEndian(value.bitPattern)
      }
    case .textArray(let values):
      bytes.appendArray(values, of: .text) { bytes, value in
        bytes.appendBigEndian(Int32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
      }
    case .uuidArray(let values):
      bytes.appendArray(values, of: .uuid) { bytes, value in
        bytes.appendBigEndian(Int32(16))
        bytes.append(value)
      }
    }
  }

  var isBinary: Bool {
    if case .raw(_, _, let isBinary) = self { isBinary } else { true }
  }

  var isNull: Bool {
    if case .null = self { true } else { false }
  }

  static let jsonbVersion: UInt8 = 1
}

extension [UInt8] {
  fileprivate mutating func appendBigEndian<Integer: FixedWidthInteger>(_ value: Integer) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(_ value: UUID) {
    Swift.withUnsafeBytes(of: value.uuid) { append(contentsOf: $0) }
  }

  /// Appends an array in the form that `array_recv` reads: one dimension, no NULLs, lower bound 1.
  fileprivate mutating func appendArray<Value>(
    _ values: [Value], of type: PostgresType, _ encode: (inout [UInt8], Value) -> Void
  ) {
    appendBigEndian(Int32(values.isEmpty ? 0 : 1))
    appendBigEndian(Int32(0))
    appendBigEndian(type.rawValue)
    guard !values.isEmpty else { return }
    appendBigEndian(Int32(values.count))
    appendBigEndian(Int32(1))
    for value in values { encode(&self, value) }
  }
}
