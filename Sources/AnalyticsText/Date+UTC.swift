#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension Date {
  /// The instant as RFC 3339 in UTC, to the second, in PostgreSQL's calendar.
  package var utcText: String {
    RFC3339.text(secondsSinceUnixEpoch: Int64(wholeSecondsSinceUnixEpoch))
  }

  /// The day in UTC: `2026-01-31`.
  package var utcDay: String { CivilDate(daysSinceUnixEpoch: utcDayNumber).text }

  /// The number of UTC days since 1970-01-01; negative before.
  package var utcDayNumber: Int64 {
    Int64(wholeSecondsSinceUnixEpoch.flooredDivision(by: 86_400).quotient)
  }

  /// Seconds since 1970-01-01T00:00:00Z, rounded down. Instants further away than 2⁵³ seconds, some
  /// 285 million years, count as that far: a `Date` can hold more than an integer.
  package var wholeSecondsSinceUnixEpoch: Int {
    let seconds = timeIntervalSince1970.rounded(.down)
    return Int(max(-0x1p53, min(0x1p53, seconds)))
  }

  /// Makes the instant that many microseconds after 1970-01-01T00:00:00Z; before it, if the number
  /// is negative.
  ///
  /// A `Date` counts seconds in binary fractions. From 1902 to 2105 it is less than half a
  /// microsecond away from the number, and ``microsecondsSinceUnixEpoch`` gives the same number
  /// back. Further away it may give another: in the year 9999, one that differs by up to 16.
  package init(microsecondsSinceUnixEpoch microseconds: Int64) {
    self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
  }

  /// Microseconds since 1970-01-01T00:00:00Z; negative before. Rounded to the nearest whole number,
  /// halves away from 0. Instants that an `Int64` cannot count, some 292,000 years away, count as
  /// its bounds, and a date that is not a number counts as the lower one.
  package var microsecondsSinceUnixEpoch: Int64 {
    let microseconds = timeIntervalSince1970 * 1_000_000
    return Int64(exactly: microseconds.rounded()) ?? (microseconds > 0 ? .max : .min)
  }

  /// Returns the instant that many times 24 hours later; earlier, if the number is negative. Local
  /// days may be shorter or longer.
  package func addingDays(_ days: Int) -> Date { addingTimeInterval(Double(days) * 86_400) }
}
