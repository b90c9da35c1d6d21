internal import CAnalyticsPQ

/// The rows that a query returned. They stay in libpq's memory; a value is copied when it is
/// decoded.
package struct PostgresRows: Sendable, RandomAccessCollection {
  let answer: PostgresAnswer?
  let columns: PostgresColumns
  package let count: Int

  init(_ answer: PostgresAnswer?) {
    self.answer = answer
    count = answer.map { Int(PQntuples($0.pointer)) } ?? 0
    columns = PostgresColumns(answer)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(position: Int) -> PostgresRow {
    precondition(indices.contains(position), "row \(position) of \(count)")
    return PostgresRow(answer: answer, columns: columns, row: Int32(position))
  }

  package var columnNames: [String] { columns.names }

  /// The number of rows that the command inserted, updated, deleted or selected.
  package var affectedRows: Int { answer?.affectedRows ?? 0 }

  /// Returns the only row.
  ///
  /// - Throws: `decoding` unless there is exactly one row.
  package func only() throws(PostgresError) -> PostgresRow {
    guard count == 1 else {
      throw PostgresError(.decoding, "expected one row, but the query returned \(count)")
    }
    return self[0]
  }

  /// Returns the first column of the only row.
  ///
  /// - Throws: `decoding`.
  package func value<Value: PostgresDecodable>(
    _ type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    try only().decode(type, at: 0)
  }

  /// Returns the first column of the only row; `nil` for NULL.
  package func value<Value: PostgresDecodable>(
    _ type: Value?.Type = Value?.self
  ) throws(PostgresError) -> Value? {
    try only().decode(type, at: 0)
  }

  /// Returns the first column of all rows.
  ///
  /// - Throws: `decoding`.
  package func values<Value: PostgresDecodable>(
    of type: Value.Type = Value.self
  ) throws(PostgresError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for row in self { values.append(try row.decode(type, at: 0)) }
    return values
  }
}

/// The columns of a result, looked up by name.
struct PostgresColumns: Sendable {
  let names: [String]
  let types: [PostgresType]
  /// The position of each name. If several columns have the same name, it is that of the first.
  private let positions: [String: Int]

  init(_ answer: PostgresAnswer?) {
    let pointer = answer?.pointer
    let count = pointer.map { PQnfields($0) } ?? 0
    names = (0..<count).map { String(cString: PQfname(pointer, $0)) }
    types = (0..<count).map { PostgresType(rawValue: PQftype(pointer, $0)) }
    positions = Dictionary(
      zip(names, names.indices), uniquingKeysWith: { first, _ in first })
  }

  func position(of name: String) throws(PostgresError) -> Int {
    guard let position = positions[name] else {
      let known = names.joined(separator: ", ")
      throw PostgresError(.decoding, "there is no column \(name), only \(known)")
    }
    return position
  }
}

/// A row of a result. Decoding is strict: the column must have a type whose values fit the Swift
/// type without loss, and NULL can only be read as an optional.
package struct PostgresRow: Sendable {
  let answer: PostgresAnswer?
  let columns: PostgresColumns
  let row: Int32

  /// Returns the value of a column.
  ///
  /// - Throws: `decoding` if the column is missing, has another type or is NULL. The error names
  ///   the column and the types, but never the value.
  package func decode<Value: PostgresDecodable>(
    _ type: Value.Type = Value.self, _ column: String
  ) throws(PostgresError) -> Value {
    try decode(type, at: columns.position(of: column))
  }

  /// Returns the value of a column; `nil` for NULL.
  package func decode<Value: PostgresDecodable>(
    _ type: Value?.Type = Value?.self, _ column: String
  ) throws(PostgresError) -> Value? {
    try decode(type, at: columns.position(of: column))
  }

  /// Returns the value of a column by position. This is for rows whose number of columns varies;
  /// all other columns are read by name.
  ///
  /// - Parameter position: Counted from 0.
  package func decode<Value: PostgresDecodable>(
    _ type: Value.Type = Value.self, at position: Int
  ) throws(PostgresError) -> Value {
    guard let value = try decode(Value?.self, at: position) else {
      throw mismatch(position, "is NULL, which is not a value of \(Value.self)")
    }
    return value
  }

  /// Returns the value of a column by position; `nil` for NULL.
  package func decode<Value: PostgresDecodable>(
    _ type: Value?.Type = Value?.self, at position: Int
  ) throws(PostgresError) -> Value? {
    guard columns.types.indices.contains(position) else {
      throw PostgresError(.decoding, "there is no column at position \(position)")
    }
    let columnType = columns.types[position]
    guard Value.postgresTypes.contains(columnType) else {
      throw mismatch(position, "is \(columnType), which cannot be read as \(Value.self)")
    }
    var isNull = false
    let value = withBytes(at: position) { bytes -> Value? in
      guard let bytes else {
        isNull = true
        return nil
      }
      return Value.decode(bytes, as: columnType)
    }
    guard isNull || value != nil else {
      throw mismatch(position, "holds a \(columnType) that \(Value.self) cannot represent")
    }
    return value
  }

  /// Passes on the binary form of a value of any type; `nil` for NULL. The bytes are in the
  /// result's memory, which is kept alive during the call. They must not be used afterwards.
  package func withBytes<Result>(
    at position: Int, _ body: (UnsafeRawBufferPointer?) -> Result
  ) -> Result {
    withExtendedLifetime(answer) {
      let column = Int32(position)
      guard let pointer = answer?.pointer, PQgetisnull(pointer, row, column) == 0 else {
        return body(nil)
      }
      return body(
        UnsafeRawBufferPointer(
          start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column))))
    }
  }

  /// Passes on the binary form of a value, by the column's name.
  package func withBytes<Result>(
    _ column: String, _ body: (UnsafeRawBufferPointer?) -> Result
  ) throws(PostgresError) -> Result {
    withBytes(at: try columns.position(of: column), body)
  }

  private func mismatch(_ position: Int, _ problem: String) -> PostgresError {
    let name = columns.names[position]
    var error = PostgresError(.decoding, "column \(name) \(problem)")
    error.column = name
    return error
  }
}
