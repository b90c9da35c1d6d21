package import Foundation

/// A moment as PostgreSQL stores it: whole microseconds since 2000-01-01 00:00 UTC.
///
/// Exact where `Date`, a binary fraction, is not. The two extremes mean `infinity`.
package struct PostgresTimestamp: Hashable, Comparable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Rounds to the nearest microsecond; what is too large for the type becomes `infinity`, and
  /// a date that is not a number becomes a moment that the server refuses (22008).
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

  /// nil for the two infinities.
  package var date: Date? {
    guard isFinite else { return nil }
    let seconds = Double(microseconds) / 1_000_000
    return Date(timeIntervalSinceReferenceDate: seconds - Self.epochOffsetSeconds)
  }

  package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  /// From 2000-01-01, PostgreSQL's epoch, to 2001-01-01, Foundation's.
  private static let epochOffsetSeconds: Double = 366 * 86_400
}
