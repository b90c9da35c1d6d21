/// A reader for PostgreSQL's binary COPY format. It gets the messages that
/// ``PostgresConnection/copyOut`` passes on.
///
/// The header comes before the first row, in the same message or in one of its own. The trailer is
/// a row with −1 columns.
package struct PostgresCopyRows {
  private var isFirst = true
  /// Reused for each row. The pointers are used only in the call of `body`, while the message is
  /// valid.
  private var columns: [UnsafeRawBufferPointer?] = []

  /// The length of the header: a signature of 11 bytes, 4 bytes of flags, and 4 bytes with the
  /// length of an extension, which is 0.
  private static let headerBytes = 11 + 4 + 4

  package init() {}

  /// Calls `body` for each row of a message, with the binary form of each column; `nil` for NULL. A
  /// message holds only whole rows. The bytes are valid only during the call of `body`.
  ///
  /// - Throws: `decoding`, or the error of `body`.
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
