internal import Analytics
internal import AnalyticsPostgres

/// The columns of a batch, each as one array in PostgreSQL's binary form.
///
/// An array element has the same form as a column in COPY, its length followed by its bytes. So the
/// bytes are copied without conversion:
/// ```
/// int32 1        number of dimensions
/// int32 0 or 1   whether there are NULLs
/// int32          OID of the elements' type
/// int32          number of elements
/// int32 1        index of the first element
/// each: int32 length, or −1 for NULL; the bytes
/// ```
struct ColumnArrays {
  private let parameters: [PostgresParameter]

  /// All arrays, in the order of ``RowLayout/columns``.
  var all: SQL { parameters.map(SQL.value).joined(separator: ", ") }
  /// The arrays of `id` and `timestamp`.
  var keys: SQL { parameters.prefix(2).map(SQL.value).joined(separator: ", ") }

  /// The types of the columns, in the order of ``RowLayout/columns``.
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
    // The last column, `data`, holds most of the bytes.
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
