internal import Analytics
internal import AnalyticsPostgres

/// A batch turned on its side: each column as one array in PostgreSQL's binary form.
///
/// The form of an array's element is that of a COPY column, length and bytes, so all that happens
/// is copying:
/// ```
/// int32 1        dimensions
/// int32 0 or 1   whether there are NULLs
/// int32          the elements' type
/// int32          how many
/// int32 1        the first index
/// each: int32 length, or −1 for NULL; the bytes
/// ```
struct ColumnArrays {
  private let parameters: [PostgresParameter]

  /// In the order of ``RowLayout/columns``.
  var all: SQL { parameters.map(SQL.value).joined(separator: ", ") }
  /// `id` and `timestamp` alone.
  var keys: SQL { parameters.prefix(2).map(SQL.value).joined(separator: ", ") }

  /// By column, in the order of ``RowLayout/columns``.
  private static let types: [(element: PostgresType, array: PostgresType)] = [
    (.uuid, .uuidArray), (.timestamptz, .timestamptzArray), (.text, .textArray),
    (.text, .textArray), (.uuid, .uuidArray), (.text, .textArray), (.text, .textArray),
    (.jsonb, .jsonbArray),
  ]

  init(_ batch: EventBatch) {
    var arrays = Self.types.map { type in
      var bytes: [UInt8] = []
      for value in [1, 1, Int32(bitPattern: type.element.rawValue), Int32(batch.rowCount), 1] {
        bytes.append(bigEndian: value)
      }
      return bytes
    }
    // The last column has most of the bytes.
    arrays[arrays.count - 1].reserveCapacity(batch.byteCount)
    batch.forEachRow { row in
      for (index, column) in row.columns.enumerated() {
        guard let column else {
          arrays[index].append(bigEndian: -1)
          continue
        }
        arrays[index].append(bigEndian: Int32(column.count))
        arrays[index].append(contentsOf: column)
      }
    }
    parameters = zip(Self.types, arrays).map { type, bytes in
      .raw(type: type.array, bytes: bytes, isBinary: true)
    }
  }
}

extension PostgresType {
  fileprivate static let jsonbArray = PostgresType(rawValue: 3807)
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: Int32) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
