internal import AnalyticsText
public import Foundation

/// What calendar and clock of a time zone show at an instant, computed rather than formatted: a
/// series has thousands.
public struct LocalTime: Hashable, Sendable {
  /// Of the Gregorian calendar.
  public var year: Int
  /// 1…12.
  public var month: Int
  /// 1…31.
  public var day: Int
  /// 0…23.
  public var hour = 0
  /// 0…59.
  public var minute = 0
  /// 0…59.
  public var second = 0
  /// 1 is Monday, 7 is Sunday.
  public var weekday = 1
  /// Seconds ahead of UTC.
  public var offset = 0

  /// What is shown at an instant.
  public init(_ date: Date, in zone: TimeZone) {
    offset = zone.secondsFromGMT(for: date)
    let seconds = Int(date.timeIntervalSince1970.rounded(.down)) + offset
    let days = seconds.dividedDown(by: 86_400)
    let rest = seconds - days * 86_400
    // 1970 began on a Thursday.
    weekday = (days + 3) - (days + 3).dividedDown(by: 7) * 7 + 1
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    // Days to civil (Hinnant 2013): years begin in March, in eras of 400 of them.
    let shifted = days + 719_468
    let era = shifted.dividedDown(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Reads `2026-01-31`; `nil` if there is no such day.
  init?(day text: String) {
    let parts = text.split(at: "-", omittingEmpty: false)
    guard parts.allSatisfy(\.isDigits), parts.map(\.utf8.count) == [4, 2, 2],
      let year = Int(parts[0]), year > 0,
      let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
    guard let start = startOfDay(in: .gmt), LocalTime(start, in: .gmt).isSameDay(as: self) else {
      return nil
    }
  }

  /// When the day begins: midnight, or later where clocks skip it.
  func startOfDay(in zone: TimeZone) -> Date? {
    let calendar = Calendar.analytics(in: zone)
    let noon = DateComponents(year: year, month: month, day: day, hour: 12)
    return calendar.date(from: noon).map(calendar.startOfDay)
  }

  private func isSameDay(as other: LocalTime) -> Bool {
    (year, month, day) == (other.year, other.month, other.day)
  }

  /// `2026-01-31`.
  public var dayText: String { "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))" }
  /// `08:09`.
  public var clockText: String { "\(hour.padded(2)):\(minute.padded(2))" }
  /// `+05:45`; with seconds where they are not 0, as before time zones.
  public var offsetText: String {
    let size = abs(offset)
    let seconds = size % 60 == 0 ? "" : ":" + (size % 60).padded(2)
    return (offset < 0 ? "-" : "+") + (size / 3600).padded(2) + ":" + (size / 60 % 60).padded(2)
      + seconds
  }
  /// As RFC 3339 has it; `Z` for UTC.
  public var text: String {
    "\(dayText)T\(clockText):\(second.padded(2))" + (offset == 0 ? "Z" : offsetText)
  }
}

extension Int {
  /// Rounded down, also below 0.
  func dividedDown(by divisor: Int) -> Int {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }

  fileprivate func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
