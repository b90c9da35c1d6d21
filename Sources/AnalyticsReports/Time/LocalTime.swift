internal import AnalyticsText
public import Foundation

/// The local date and time in a time zone at an instant. It is computed without a formatter,
/// because a series has thousands of them.
public struct LocalTime: Hashable, Sendable {
  /// The local day.
  public let localDay: LocalDay
  /// The year of the Gregorian calendar.
  public let year: Int
  /// The month, 1…12.
  public let month: Int
  /// The day of the month, 1…31.
  public let day: Int
  /// The hour, 0…23.
  public let hour: Int
  /// The minute, 0…59.
  public let minute: Int
  /// The second, 0…59.
  public let second: Int
  /// Seconds ahead of UTC; negative if behind.
  public let offset: Int

  /// Computes the local time at an instant.
  public init(_ date: Date, in zone: TimeZone) {
    offset = zone.secondsFromGMT(for: date)
    let (days, rest) = (date.wholeSecondsSinceUnixEpoch + offset).flooredDivision(by: 86_400)
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    localDay = LocalDay(number: days)
    let date = localDay.date
    (year, month, day) = (Int(date.year), Int(date.month), Int(date.day))
  }

  /// The weekday: 1 is Monday, 7 is Sunday.
  public var weekday: Int { localDay.weekday }
  /// The short English name of the weekday.
  package var weekdayName: String { LocalDay.weekdayNames[weekday - 1] }
  /// The date as `2026-01-31`.
  public var dayText: String { localDay.text }
  /// The time as `08:09`.
  public var clockText: String { "\(hour.padded(2)):\(minute.padded(2))" }
  /// The offset as `+05:45`. It has seconds where they are not 0, as in local mean times before
  /// time zones.
  public var offsetText: String {
    let size = abs(offset)
    let seconds = size % 60 == 0 ? "" : ":" + (size % 60).padded(2)
    return (offset < 0 ? "-" : "+") + (size / 3600).padded(2) + ":" + (size / 60 % 60).padded(2)
      + seconds
  }
  /// The instant in the form of RFC 3339, with `Z` where the offset is 0.
  public var text: String {
    "\(dayText)T\(clockText):\(second.padded(2))" + (offset == 0 ? "Z" : offsetText)
  }
}
