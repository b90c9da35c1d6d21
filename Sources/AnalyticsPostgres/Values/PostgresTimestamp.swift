package import Foundation

/// An instant as PostgreSQL stores it: whole microseconds since 2000-01-01 00:00 UTC.
///
/// It is exact, while `Date` is a binary fraction of seconds. The two extreme values mean
/// `infinity` and `-infinity`.
package struct PostgresTimestamp: Hashable, Comparable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Rounds to the nearest microsecond. A date that is out of range becomes `infinity` or
  /// `-infinity`. A date that is not a number becomes an instant that the server refuses (22008).
  package init(_ date: Date) {
    let value = (date.timeIntervalSinceReferenceDate + Self.epochOffsetSeconds) * 1_000_000
    if value.isNaN {
      microseconds = .max - 1
    } else {
      microseconds = Int64(exactly: value.rounded()) ?? (value > 0 ? .max : .min)
    }
  }

  package static let infinity = PostgresTimestamp(microseconds: .max)
  package static let minusInfinity = PostgresTimestamp(microseconds: .min)

  package var isFinite: Bool { self != .infinity && self != .minusInfinity }

  /// The instant as a `Date`; `nil` for the two infinities.
  package var date: Date? {
    guard isFinite else { return nil }
    let seconds = Double(microseconds) / 1_000_000
    return Date(timeIntervalSinceReferenceDate: seconds - Self.epochOffsetSeconds)
  }

  package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The time from PostgreSQL's epoch, 2000-01-01, to Foundation's, 2001-01-01.
  private static let epochOffsetSeconds: Double = 366 * 86_400
}
