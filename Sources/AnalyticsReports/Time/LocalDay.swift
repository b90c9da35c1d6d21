internal import AnalyticsText
public import Foundation

/// A day of the calendar, whatever the time zone: of the proleptic Gregorian calendar, as PostgreSQL has
/// it.
public struct LocalDay: Hashable, Comparable, Sendable {
  /// Counted from 1970-01-01, which is 0.
  let number: Int

  init(number: Int) { self.number = number }

  /// What the calendar of a zone shows at an instant.
  public init(_ date: Date, in zone: TimeZone) { self = LocalTime(date, in: zone).localDay }

  /// Reads `2026-01-31`, of the years 1 to 9999.
  ///
  /// - Returns: `nil` if there is no such day.
  public init?(_ text: String) {
    guard let date = CivilDate(text) else { return nil }
    self.init(date)
  }

  private init(_ date: CivilDate) { number = Int(date.daysSinceUnixEpoch) }

  /// `2026-01-31`.
  public var text: String { date.text }

  /// 1 is Monday, 7 is Sunday.
  public var weekday: Int {
    // 1970 began on a Thursday.
    number + 3 - (number + 3).dividedDown(by: 7) * 7 + 1
  }

  /// So many days later, or before.
  public func adding(days: Int) -> LocalDay { LocalDay(number: number + days) }

  /// So many months later, or before; the last day of a month that is too short.
  public func adding(months: Int) -> LocalDay { LocalDay(date.adding(months: Int64(months))) }

  /// Orders by time.
  public static func < (left: LocalDay, right: LocalDay) -> Bool { left.number < right.number }

  var date: CivilDate { CivilDate(daysSinceUnixEpoch: Int64(number)) }

  /// The first day of its month.
  var firstOfMonth: LocalDay { adding(days: 1 - Int(date.day)) }

  /// The Monday of its week, itself included.
  var monday: LocalDay { adding(days: 1 - weekday) }
}
