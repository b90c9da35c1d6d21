package import AnalyticsPostgres

/// The columns of an event in PostgreSQL's binary format, in the order of ``select``. They are
/// borrowed from the message of COPY, and valid only while it is.
package struct EventColumns {
  package let id: UnsafeRawBufferPointer
  package let timestamp: UnsafeRawBufferPointer
  package let type: UnsafeRawBufferPointer
  package let service: UnsafeRawBufferPointer
  package let userID: UnsafeRawBufferPointer?
  package let hostname: UnsafeRawBufferPointer?
  package let environment: UnsafeRawBufferPointer?
  /// `jsonb`: a version byte, then JSON. It is an object unless SQL statements have stored
  /// something else.
  package let data: UnsafeRawBufferPointer

  /// The columns to select.
  package static let select: SQL =
    "id, timestamp, event_type, service, user_id, hostname, environment, data"
  static let count = 8

  /// Returns `nil` if a column that is never NULL is NULL, or if a column does not have the size of
  /// its type.
  package init?(_ columns: [UnsafeRawBufferPointer?]) {
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
  /// Passes the events of a COPY message to `body`, which must not keep them. The COPY has to
  /// select ``EventColumns/select``.
  package mutating func readEvents(
    _ message: UnsafeRawBufferPointer, _ body: (EventColumns) throws -> Void
  ) throws {
    try read(message) { columns in
      guard let event = EventColumns(columns) else {
        throw InterchangeError(
          .failed,
          "analytics_events has other columns than this version knows: run `analytics migrate`")
      }
      try body(event)
    }
  }
}
