import AnalyticsReports
import AnalyticsText
import Foundation

/// Formats the values of a column for people.
struct CellText {
  private let column: Series.Column
  private let zone: TimeZone
  /// Whether times show their UTC offset. If clocks change within the series, an hour can come
  /// twice.
  private let showsOffset: Bool

  init(_ column: Series.Column, in series: Series) {
    self.column = column
    let zone = series.zone
    self.zone = zone
    let offsets = [series.range?.lowerBound, series.range?.upperBound].map { bound in
      bound.map { zone.secondsFromGMT(for: $0) }
    }
    showsOffset = offsets[0] == nil || offsets[0] != offsets[1]
  }

  /// The unit for the heading; empty if the column's name is clear without one.
  var unit: String {
    switch column.unit {
    case .time, .instant, .weekday, .hourOfDay, .text, .propertyValue, .number, .distinct, .days,
      .period:
      ""
    case .events: "events"
    case .users: "users"
    case .milliseconds: "ms"
    case .seconds: "s"
    case .ratio: "%"
    }
  }

  func text(_ value: Series.Value) -> String {
    switch value {
    case .null: "–"
    case .text, .absent, .others:
      DisplayText.line(value.label(in: column) ?? "", max: Self.textMax)
    case .integer(let number): number.grouped
    case .number(let number): figure(number)
    case .instant(let date): time(date)
    }
  }

  private func figure(_ number: Double) -> String {
    if column.unit == .ratio { return String(format: "%.1f", number * 100) }
    if abs(number) >= 100, let whole = Int(exactly: number.rounded()) { return whole.grouped }
    return String(format: "%.1f", number)
  }

  private func time(_ date: Date) -> String {
    let local = LocalTime(date, in: zone)
    switch column.unit {
    case .time(.day):
      return "\(local.dayText) \(local.weekdayName)"
    case .time(.week): return local.dayText
    case .time(.month): return String(local.dayText.dropLast(3))
    default:
      let offset = showsOffset ? " \(local.offsetText)" : ""
      return "\(local.dayText) \(local.clockText)\(offset)"
    }
  }

  private static let textMax = 60
}
