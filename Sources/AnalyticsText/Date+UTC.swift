#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension Date {
  /// The instant as commands print it: RFC 3339 in UTC, to the second, in PostgreSQL's calendar.
  package var utcText: String { RFC3339.text(secondsSinceUnixEpoch: timeIntervalSince1970) }

  /// The day in UTC: `2026-01-31`.
  package var utcDay: String { CivilDate(daysSinceUnixEpoch: utcDayNumber).text }

  /// The number of UTC days since 1970-01-01; negative before.
  package var utcDayNumber: Int64 { Int64((timeIntervalSince1970 / 86_400).rounded(.down)) }
}
