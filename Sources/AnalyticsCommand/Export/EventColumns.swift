import AnalyticsPostgres

/// One event's columns as PostgreSQL sends them in binary, in the order of ``select``; valid while
/// the bytes are.
struct EventColumns {
  let id: UnsafeRawBufferPointer
  let timestamp: UnsafeRawBufferPointer
  let type: UnsafeRawBufferPointer
  let service: UnsafeRawBufferPointer
  let userID: UnsafeRawBufferPointer?
  let hostname: UnsafeRawBufferPointer?
  let environment: UnsafeRawBufferPointer?
  /// `jsonb`: a version byte, then JSON, of which only SQL makes anything else than an object.
  let data: UnsafeRawBufferPointer

  /// The columns to ask for.
  static let select: SQL =
    "id, timestamp, event_type, service, user_id, hostname, environment, data"
  static let count = 8

  /// `nil` where a column that is never NULL is, or has another size than its type.
  init?(_ columns: [UnsafeRawBufferPointer?]) {
    guard columns.count == Self.count, let id = columns[0], id.count == 16,
      let timestamp = columns[1], timestamp.count == 8, let type = columns[2],
      let service = columns[3], columns[4].map({ $0.count == 16 }) ?? true,
      let data = columns[7], data.count >= 2, data[0] == 1
    else { return nil }
    (self.id, self.timestamp, self.type, self.service) = (id, timestamp, type, service)
    (userID, hostname, environment) = (columns[4], columns[5], columns[6])
    self.data = data
  }
}

/// Rows in PostgreSQL's binary COPY format, taken from its messages.
///
/// The header comes before the first row, in one message with it or not; the trailer is a row of
/// −1 columns.
struct CopyRows {
  private var isFirst = true
  private var columns: [UnsafeRawBufferPointer?] = []

  /// Eleven bytes of signature, flags, and the length of an extension that nobody uses yet.
  private static let headerBytes = 11 + 4 + 4

  /// Hands over the rows of a message, which holds whole rows only.
  mutating func read(
    _ message: UnsafeRawBufferPointer, _ body: (EventColumns) throws -> Void
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
          throw malformed
        }
        columns.append(
          length < 0 ? nil : UnsafeRawBufferPointer(rebasing: rest.prefix(Int(length))))
        rest = rest.dropFirst(max(0, Int(length)))
      }
      guard let event = EventColumns(columns) else { throw malformed }
      try body(event)
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

  private var malformed: CommandError {
    CommandError(
      "analytics_events has other columns than this version knows: run `analytics migrate`")
  }
}
