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
}
