internal import Analytics
internal import AnalyticsPostgres

/// The range of event times that the database accepts at the moment, by its own clock.
struct IngestBounds: Sendable, Hashable {
  /// Older events belong to days that retention has dropped. Microseconds since 2000-01-01 UTC.
  let acceptsFrom: Int64
  /// 24 hours after the server's current time. Microseconds since 2000-01-01 UTC.
  let acceptsBefore: Int64

  /// Reads the columns `accepts_from` and `accepts_before`.
  init(_ row: PostgresRow) throws(PostgresError) {
    acceptsFrom = try row.decode(PostgresTimestamp.self, "accepts_from").microseconds
    acceptsBefore = try row.decode(PostgresTimestamp.self, "accepts_before").microseconds
  }

  /// Returns why a row must not be stored; `nil` if it may be.
  func reason(against row: EventRow) -> RejectReason? {
    let instant = row.timestamp.microsecondsSincePostgresEpoch
    if instant < acceptsFrom { return .expired }
    return instant < acceptsBefore ? nil : .future
  }
}

/// A batch, divided into the rows that may be stored and the rejected ones.
struct ScreenedBatch {
  /// The rows that may be stored; `nil` if there are none.
  let accepted: EventBatch?
  /// The number of other rows, by reason.
  let rejected: [RejectReason: Int]

  init(_ batch: EventBatch, _ bounds: IngestBounds) {
    var rejected: [RejectReason: Int] = [:]
    batch.forEachRow { row in
      if let reason = bounds.reason(against: row) { rejected[reason, default: 0] += 1 }
    }
    self.rejected = rejected
    accepted = rejected.isEmpty ? batch : batch.filter { bounds.reason(against: $0) == nil }
  }
}
