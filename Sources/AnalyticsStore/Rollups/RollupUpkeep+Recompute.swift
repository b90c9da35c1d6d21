internal import Analytics
public import AnalyticsConnections
internal import AnalyticsPostgres
public import Foundation

extension RollupUpkeep {
  /// Recomputes the figures of all rollups for some days from the existing raw events. A day
  /// without raw events loses its figures. Then its events can be imported again.
  ///
  /// Each day is one transaction, so a report sees a day either as it was or as recomputed. Events
  /// may be stored in the meantime.
  ///
  /// - Parameters:
  ///   - days: From the start of the first UTC day to the end of the last one, in the years 1 to
  ///     9999.
  ///   - progress: Called after each day, with the number of days that are left.
  /// - Throws: ``StoreError``; `configuration` for bounds that are not midnight UTC, and nothing is
  ///   changed; `expired` if retention has dropped raw events of a day. That day keeps its figures,
  ///   and so do the days after it.
  public func recompute(
    _ days: Range<Date>, progress: (Int) -> Void = { _ in }
  ) async throws(StoreError) {
    guard Self.isDayBound(days.lowerBound), Self.isDayBound(days.upperBound) else {
      throw .notWholeDays
    }
    try await connected { session in
      let connection = session.connection
      try await useNames(of: session)
      guard try await connection.hasFunction("analytics_recompute_day(timestamptz)") else {
        throw StoreError.tooOld
      }
      let (lower, upper) = (PostgresTimestamp(days.lowerBound), PostgresTimestamp(days.upperBound))
      let isExpired: Bool = try await connection.query(
        "SELECT EXISTS (SELECT FROM analytics_retention WHERE dropped_before > \(lower))"
      ).value()
      if isExpired { throw StoreError.expired }
      // Events that were stored with the triggers off may have the batch number of a pending batch.
      // The recount below skips pending batches, and rolling one up later may not find those
      // events.
      try await RollUp.all(on: connection, in: session.schema)
      let all: [PostgresTimestamp] = try await connection.query(
        """
        SELECT day FROM generate_series(
            \(lower), \(upper) - interval '1 microsecond', interval '24 hours') AS day ORDER BY day
        """
      ).values()
      for (index, day) in all.enumerated() {
        let isDone: Bool = try await connection.transaction(isolation: .readCommitted) { _ in
          try await connection.query("SELECT analytics_recompute_day(\(day))").value()
        }
        guard isDone else { throw StoreError.expired }
        progress(all.count - index - 1)
      }
      try await RollUp.all(on: connection, in: session.schema)
    }
  }

  /// Parts of two days would be emptied and counted again by the wrong events.
  private static func isDayBound(_ date: Date) -> Bool {
    let seconds = date.timeIntervalSince1970
    let years = EventTimestamp.supportedRange
    return seconds.truncatingRemainder(dividingBy: 86_400) == 0
      && seconds >= Double(years.lowerBound.microsecondsSinceUnixEpoch / 1_000_000)
      && seconds <= Double(years.upperBound.microsecondsSinceUnixEpoch / 1_000_000)
  }
}

extension StoreError.Code {
  /// Retention has dropped raw events that the operation needs.
  public static let expired = Self("expired")
}

extension StoreError {
  fileprivate static let expired = Self(
    .expired,
    "retention has dropped raw events of these days, so their figures cannot be recomputed and "
      + "stay as they are")
  fileprivate static let notWholeDays = Self(
    .configuration,
    "the first and the last bound of days to recompute must be midnight UTC, in the years 1 to "
      + "9999; nothing was changed")
  fileprivate static let tooOld = Self(
    .outOfOrder, "recomputing days needs a newer version of the tables: run `analytics migrate`")
}
