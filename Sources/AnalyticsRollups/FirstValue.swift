package import AnalyticsPostgres

/// The stored form of the value of the earliest event: the event's time as digits, followed by the
/// text. The smallest of several entries, compared by bytes, is therefore the earliest.
package enum FirstValue {
  /// The length of `YYYYMMDDHHMMSS` plus six digits of microseconds, in UTC. The year always has
  /// four digits, since events are from the years 1 to 9999.
  private static let instantLength = 20

  /// Returns the entry for a text at an instant; NULL if the text is NULL.
  package static func entry(_ text: SQL, at instant: SQL) -> SQL {
    "to_char(\(instant) AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || \(text) COLLATE \"C\""
  }

  /// Returns the time part of an entry, still as digits.
  package static func instant(of entry: SQL) -> SQL { "left(\(entry), \(literal: instantLength))" }

  /// Returns the text part of an entry, in SQL.
  package static func text(of entry: SQL) -> SQL {
    "substr(\(entry), \(literal: instantLength + 1))"
  }

  /// Returns the text part of an entry that was read from the database.
  package static func text(of entry: String) -> String {
    String(decoding: entry.utf8.dropFirst(instantLength), as: UTF8.self)
  }
}
