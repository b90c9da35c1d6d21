internal import Analytics
internal import AnalyticsPostgres

/// The times of events that the database takes at the moment, by its own clock.
struct IngestBounds: Sendable, Hashable {
  /// Retention has dropped what is older.
  let acceptsFrom: Int64
  /// 24 hours from now.
  let acceptsBefore: Int64

  /// From the columns `accepts_from` and `accepts_before`.
  init(_ row: PostgresRow) throws(PostgresError) {
    acceptsFrom = try row.decode(PostgresTimestamp.self, "accepts_from").microseconds
    acceptsBefore = try row.decode(PostgresTimestamp.self, "accepts_before").microseconds
  }

  /// Why a row is passed over; `nil` if it may be stored.
  func reason(against row: EventRow) -> RejectReason? {
    let instant = row.timestamp.microsecondsSincePostgresEpoch
    if instant < acceptsFrom { return .expired }
    return instant < acceptsBefore ? nil : .future
  }
}

/// A batch and what of it may be stored.
struct ScreenedBatch {
  /// The rows to store; `nil` if there are none.
  let accepted: EventBatch?
  /// The others, by reason.
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
