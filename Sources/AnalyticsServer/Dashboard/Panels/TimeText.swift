internal import AnalyticsReports
internal import Foundation

/// Instants as people read them, by the clock of a zone.
struct TimeText {
  let granularity: Granularity
  private let calendar: Calendar

  init(_ granularity: Granularity, in zone: TimeZone) {
    self.granularity = granularity
    calendar = .local(in: zone)
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private struct Parts {
    var weekday, month, clock: String
    var day, year: Int
  }

  private func parts(_ date: Date) -> Parts {
    let parts = calendar.dateComponents(
      [.year, .month, .day, .weekday, .hour, .minute], from: date)
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
    return Parts(
      weekday: Self.weekdays[(parts.weekday ?? 1) - 1], month: Self.months[(parts.month ?? 1) - 1],
      clock: "\(padded(parts.hour ?? 0)):\(padded(parts.minute ?? 0))", day: parts.day ?? 0,
      year: parts.year ?? 0)
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

  /// On an axis: `3 Nov`, `14:00`, `Nov 2026`.
  func short(_ date: Date) -> String {
    let parts = parts(date)
    return switch granularity {
    case .hour: parts.clock == "00:00" ? "\(parts.day) \(parts.month)" : parts.clock
    case .day, .week: "\(parts.day) \(parts.month)"
    case .month, .total: "\(parts.month) \(parts.year)"
    }
  }
}
