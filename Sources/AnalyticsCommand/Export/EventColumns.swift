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

extension PostgresCopyRows {
  /// Hands over the events of a message of a COPY of ``EventColumns/select``.
  mutating func readEvents(
    _ message: UnsafeRawBufferPointer, _ body: (EventColumns) throws -> Void
  ) throws {
    try read(message) { columns in
      guard let event = EventColumns(columns) else {
        throw CommandError(
          "analytics_events has other columns than this version knows: run `analytics migrate`")
      }
      try body(event)
    }
  }
}
