internal import AnalyticsCharts
internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// A series as panels read it: columns by name, numbers as numbers, values as text.
struct SeriesFigures {
  let series: Series

  init(_ series: Series) { self.series = series }

  func index(_ column: String) -> Int? { series.columns.firstIndex { $0.name == column } }

  func number(_ row: [Series.Value], _ column: Int) -> Double? {
    switch row[column] {
    case .integer(let number): Double(number)
    case .number(let number): number
    case .instant, .text, .null, .absent, .others: nil
    }
  }

  func quantity(_ column: Int) -> Quantity {
    switch series.columns[column].unit {
    case .events, .users, .distinct: .count
    case .milliseconds: .milliseconds
    case .seconds: .seconds
    case .ratio: .ratio
    case .time, .instant, .weekday, .hourOfDay, .text, .propertyValue, .days, .number: .number
    }
  }

  /// A cell as it stands in a table.
  func text(_ row: [Series.Value], _ column: Int) -> String {
    switch row[column] {
    case .null: "–"
    case .text, .absent, .others: row[column].label(in: series.columns[column]) ?? ""
    case .integer, .number: quantity(column).text(number(row, column) ?? 0)
    case .instant(let date): timeText(column).full(date)
    }
  }

  func isNumeric(_ column: Int) -> Bool {
    switch series.columns[column].unit {
    case .time, .instant, .text, .propertyValue: false
    default: true
    }
  }

  /// As people call a column: `weekly active users`.
  func label(_ column: Int) -> String { Self.label(series.columns[column].name) }

  static func label(_ name: String) -> String { name.replacing("_", by: " ") }

  private func timeText(_ column: Int) -> TimeText {
    if case .time(let granularity) = series.columns[column].unit {
      return TimeText(granularity: granularity, zone: series.zone)
    }
    return TimeText(granularity: .hour, zone: series.zone)
  }
}

extension SeriesFigures {
  /// The pieces of time in their order; several rows may be about one.
  struct Times {
    var dates: [Date] = []
    var slots: [TimeChart.Slot] = []
    /// The slot of each row.
    var slotOfRow: [Int] = []
  }

  /// At most so many are written on an axis.
  private static let ticksMax = 7

  /// - Returns: `nil` if the series is not about time.
  var times: Times? {
    guard case .time(let granularity)? = series.columns.first?.unit else { return nil }
    var times = Times()
    var slots: [Date: Int] = [:]
    for row in series.rows {
      guard case .instant(let date) = row[0] else { return nil }
      if slots[date] == nil {
        slots[date] = times.dates.count
        times.dates.append(date)
      }
      times.slotOfRow.append(slots[date] ?? 0)
    }
    let text = TimeText(granularity: granularity, zone: series.zone)
    let step = max(1, (times.dates.count + Self.ticksMax - 1) / Self.ticksMax)
    times.slots = times.dates.enumerated().map { index, date in
      TimeChart.Slot(text.full(date), tick: index % step == 0 ? text.short(date) : nil)
    }
    return times
  }

  /// A line a column.
  func lines(_ columns: [String], _ times: Times) -> [TimeChart.Line] {
    columns.compactMap { name in
      guard let column = index(name) else { return nil }
      var values = [Double?](repeating: nil, count: times.slots.count)
      for (row, slot) in zip(series.rows, times.slotOfRow) { values[slot] = number(row, column) }
      return TimeChart.Line(label(column), values)
    }
  }

  /// More are told apart by no colour; what is left is one line.
  private static let groupsMax = 7

  /// A line for each text of a column, the largest first, the small ones together with those that the
  /// report itself has no row for.
  func lines(of value: String, by group: String?, _ times: Times) -> [TimeChart.Line] {
    guard let group = group.map(index) ?? 1, let value = index(value) else { return [] }
    var sums: [ExactString: Double] = [:]
    var hasOthers = false
    for row in series.rows {
      if let name = lineName(row, group) {
        sums[name, default: 0] += number(row, value) ?? 0
      } else {
        hasOthers = true
      }
    }
    let ordered = sums.filter { $0.value > 0 }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    hasOthers = hasOthers || ordered.count > Self.groupsMax + 1
    let named = Array(ordered.prefix(hasOthers ? Self.groupsMax : Self.groupsMax + 1))
    let lineOfGroup = Dictionary(uniqueKeysWithValues: named.enumerated().map { ($1, $0) })
    var lines = named.map {
      TimeChart.Line($0.text, Array(repeating: 0, count: times.slots.count))
    }
    if hasOthers {
      lines.append(
        .init(Series.Value.othersLabel, Array(repeating: 0, count: times.slots.count)))
    }
    for (row, slot) in zip(series.rows, times.slotOfRow) {
      guard let amount = number(row, value), amount > 0 else { continue }
      let line = lineName(row, group).flatMap { lineOfGroup[$0] } ?? named.count
      lines[line].values[slot] = (lines[line].values[slot] ?? 0) + amount
    }
    return lines
  }

  /// What the line of a row is called; `nil` for all others.
  private func lineName(_ row: [Series.Value], _ column: Int) -> ExactString? {
    switch row[column] {
    case .others: nil
    case .null: ExactString(Series.Value.absentLabel)
    // Rollups keep no value as the empty text.
    case .text(let text) where series.columns[column].unit == .text:
      ExactString(text.isEmpty ? Series.Value.absentLabel : Series.Value.besideLabels(text))
    default: ExactString(text(row, column))
    }
  }
}
