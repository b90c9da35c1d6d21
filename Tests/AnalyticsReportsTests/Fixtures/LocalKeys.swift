import AnalyticsReports
import Foundation

/// The calendar and clock of a zone, from Foundation's date components. Reports compute these in another way, so the
/// results can be compared.
struct LocalKeys {
  private let calendar: Calendar
  private let zone: TimeZone

  init(_ zone: TimeZone) {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = zone
    self.calendar = calendar
    self.zone = zone
  }

  /// A key that is equal for all instants of an hour, a day, and so on.
  func key(_ date: Date, _ granularity: Granularity) -> String {
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .weekOfYear, .yearForWeekOfYear], from: date)
    switch granularity {
    case .hour:
      // An hour may occur twice in a day.
      return "\(parts.year!)-\(parts.month!)-\(parts.day!) \(parts.hour!) "
        + "\(zone.secondsFromGMT(for: date))"
    case .day: return "\(parts.year!)-\(parts.month!)-\(parts.day!)"
    case .week: return "\(parts.yearForWeekOfYear!)-W\(parts.weekOfYear!)"
    case .month: return "\(parts.year!)-\(parts.month!)"
    case .total: return ""
    }
  }

  /// The local day, counted from 1970-01-01.
  func dayNumber(_ date: Date) -> Int {
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    var utc = Calendar(identifier: .iso8601)
    utc.timeZone = .gmt
    let midnight = utc.date(from: parts)!
    return Int(midnight.timeIntervalSince1970) / 86_400
  }

  /// The hour of the week, from Monday at midnight.
  func hourOfWeek(_ date: Date) -> Int {
    let parts = calendar.dateComponents([.weekday, .hour], from: date)
    return (parts.weekday! + 5) % 7 * 24 + parts.hour!
  }
}

extension TimeZone {
  /// The time zones of the tests: with offsets of whole hours, :30 and :45, with and without summer time.
  static let tested = [
    "UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham",
  ]

  static func named(_ name: String) -> TimeZone { TimeZone(identifier: name)! }
}
