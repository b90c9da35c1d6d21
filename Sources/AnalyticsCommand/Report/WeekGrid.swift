import AnalyticsReports
import AnalyticsText

/// A series by weekday and hour, as a grid of shades with seven lines and 24 columns.
struct WeekGrid {
  /// By weekday, then by hour.
  private let values: [[Double]]
  private let unit: String

  /// Returns `nil` for a series of another shape.
  init?(_ series: Series) {
    guard let week = series.hoursOfWeek else { return nil }
    values = week.values
    unit = week.figure.name.replacing("_", by: " ")
  }

  var lines: [String] {
    let largest = values.joined().max() ?? 0
    let hours =
      "     "
      + stride(from: 0, to: 24, by: 3).map { hour in
        let digits = String(hour)
        return digits + String(repeating: " ", count: 6 - digits.count)
      }.joined()
    let days = zip(LocalDay.weekdayNames, values).map { name, hours in
      "\(name)  " + hours.map { Self.shade($0, largest) }.joined()
        + "  \(Int(hours.max() ?? 0).grouped)"
    }
    return [hours + "  most"] + days + ["█ is \(Int(largest).grouped) \(unit) in an hour"]
  }

  private static func shade(_ value: Double, _ largest: Double) -> String {
    guard value > 0 else { return "· " }
    let shades = ["░", "▒", "▓", "█"]
    let shade = shades[min(3, Int(value / largest * 4))]
    return shade + shade
  }
}
