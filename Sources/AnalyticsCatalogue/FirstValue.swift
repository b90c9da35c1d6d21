package import AnalyticsPostgres

/// How the value of the earliest event is kept: the instant as digits, and behind it the text. So the least of several
/// entries, by their bytes, is the earliest.
package enum FirstValue {
  /// As `YYYYMMDDHHMMSS` and six digits of microseconds, in UTC: events are of the years 1 to 9999.
  private static let instantLength = 20

  /// An entry; NULL without a text.
  package static func entry(_ text: SQL, at instant: SQL) -> SQL {
    "to_char(\(instant) AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || \(text) COLLATE \"C\""
  }

  /// The instant of an entry, as it is kept.
  package static func instant(of entry: SQL) -> SQL { "left(\(entry), \(literal: instantLength))" }

  /// The text of an entry.
  package static func text(of entry: SQL) -> SQL {
    "substr(\(entry), \(literal: instantLength + 1))"
  }

  /// The text of an entry that was read.
  package static func text(of entry: String) -> String {
    String(decoding: entry.utf8.dropFirst(instantLength), as: UTF8.self)
  }
}
