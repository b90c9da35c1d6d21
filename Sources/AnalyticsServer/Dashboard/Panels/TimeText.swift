internal import AnalyticsReports
internal import Foundation

/// Instants as people read them, in the local time of a zone.
struct TimeText {
  let granularity: Granularity
  let zone: TimeZone

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private struct Parts {
    var weekday, month, clock: String
    var day, year: Int
  }

  private func parts(_ date: Date) -> Parts {
    let time = LocalTime(date, in: zone)
    return Parts(
      weekday: time.weekdayName, month: Self.months[time.month - 1],
      clock: time.clockText, day: time.day, year: time.year)
  }

  /// In full: `Tue 3 Nov 2026`, `week of 2 Nov 2026`.
  func full(_ date: Date) -> String {
    let parts = parts(date)
    let day = "\(parts.day) \(parts.month) \(parts.year)"
    return switch granularity {
    case .hour: "\(parts.weekday) \(day) \(parts.clock)"
    case .day: "\(parts.weekday) \(day)"
    case .week: "week of \(day)"
    case .month: "\(parts.month) \(parts.year)"
    case .total: "\(day) \(parts.clock)"
    }
  }

  /// In full, with the reason if the bucket is not whole: `Tue 3 Nov 2026, running`.
  func full(_ date: Date, _ partial: TimeFrame.Partial?) -> String {
    full(date) + (partial.map { ", \($0.wording)" } ?? "")
  }

  /// How an hour is written on an axis.
  enum Mark: Hashable {
    /// `3 Nov`
    case day
    /// `14:00`
    case clock
  }

  /// The label on an axis: `3 Nov`, `14:00`, `Nov 2026`.
  ///
  /// - Parameter namesYear: Whether the axis spans several years.
  func short(_ date: Date, _ mark: Mark = .day, namesYear: Bool) -> String {
    let parts = parts(date)
    if granularity == .month { return "\(parts.month) \(parts.year)" }
    let day = "\(parts.day) \(parts.month)" + (namesYear ? " \(parts.year)" : "")
    return mark == .day ? day : parts.clock
  }
}

extension TimeFrame.Partial {
  /// The words that a page puts after a time.
  var wording: String {
    switch self {
    case .cut: "cut by the range"
    case .running: "running"
    case .ahead: "not begun"
    }
  }
}
