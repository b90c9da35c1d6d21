/// Rows in PostgreSQL's binary COPY format, taken from the messages that ``PostgresConnection/copyOut`` gives.
///
/// The header comes before the first row, in one message with it or not; the trailer is a row of
/// −1 columns.
package struct PostgresCopyRows {
  private var isFirst = true
  private var columns: [UnsafeRawBufferPointer?] = []

  /// A signature of 11 bytes, flags of 4, and the length of an extension, which is 0.
  private static let headerBytes = 11 + 4 + 4

  package init() {}

  /// Hands over the rows of a message, which holds whole rows only: of each column the binary form, nil for NULL;
  /// valid during the call only.
  ///
  /// - Throws: `decoding`, or what `body` throws.
  package mutating func read(
    _ message: UnsafeRawBufferPointer, _ body: ([UnsafeRawBufferPointer?]) throws -> Void
  ) throws {
    var rest = message[...]
    if isFirst {
      isFirst = false
      rest = rest.dropFirst(Self.headerBytes)
    }
    while let count = Self.integer(&rest, Int16.self), count >= 0 {
      columns.removeAll(keepingCapacity: true)
      for _ in 0..<count {
        guard let length = Self.integer(&rest, Int32.self), Int(length) <= rest.count else {
          throw PostgresError(.decoding, "a row of COPY is cut off")
        }
        columns.append(
          length < 0 ? nil : UnsafeRawBufferPointer(rebasing: rest.prefix(Int(length))))
        rest = rest.dropFirst(max(0, Int(length)))
      }
      try body(columns)
    }
  }

  private static func integer<Value: FixedWidthInteger>(
    _ bytes: inout Slice<UnsafeRawBufferPointer>, _ type: Value.Type
  ) -> Value? {
    let size = MemoryLayout<Value>.size
    guard bytes.count >= size else { return nil }
    defer { bytes = bytes.dropFirst(size) }
    return Value(
      bigEndian: UnsafeRawBufferPointer(rebasing: bytes.prefix(size)).loadUnaligned(as: type))
  }
}
