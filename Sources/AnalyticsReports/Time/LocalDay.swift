internal import AnalyticsText
public import Foundation

/// A calendar day, independent of any time zone, in the proleptic Gregorian calendar that
/// PostgreSQL uses.
public struct LocalDay: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01, which is day 0.
  let number: Int

  init(number: Int) { self.number = number }

  /// Takes the day that the calendar of a time zone shows at an instant.
  public init(_ date: Date, in zone: TimeZone) { self = LocalTime(date, in: zone).localDay }

  /// Parses `2026-01-31`, for the years 1 to 9999.
  ///
  /// - Returns: `nil` for other text and for a day that the calendar does not have.
  public init?(_ text: String) {
    guard let date = CivilDate(text) else { return nil }
    self.init(date)
  }

  private init(_ date: CivilDate) { number = Int(date.daysSinceUnixEpoch) }

  /// The day as `2026-01-31`.
  public var text: String { date.text }

  /// The weekday: 1 is Monday, 7 is Sunday.
  public var weekday: Int {
    // 1970-01-01 was a Thursday.
    (number + 3).flooredDivision(by: 7).remainder + 1
  }

  /// The short English names of the weekdays, from Monday on.
  package static let weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// Returns the day that many days later; earlier if `days` is negative.
  public func adding(days: Int) -> LocalDay { LocalDay(number: number + days) }

  /// Returns the day that many months later; earlier if `months` is negative. In a month that is
  /// too short, it is the last day.
  public func adding(months: Int) -> LocalDay { LocalDay(date.adding(months: Int64(months))) }

  /// Orders days by time.
  public static func < (left: LocalDay, right: LocalDay) -> Bool { left.number < right.number }

  var date: CivilDate { CivilDate(daysSinceUnixEpoch: Int64(number)) }

  /// The first day of the month that this day is in.
  var firstOfMonth: LocalDay { adding(days: 1 - Int(date.day)) }

  /// The Monday of the week that this day is in; the day itself if it is a Monday.
  var monday: LocalDay { adding(days: 1 - weekday) }
}
