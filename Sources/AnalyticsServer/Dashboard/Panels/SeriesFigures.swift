internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// A series as panels read it: columns by name, numbers as numbers, values as text.
struct SeriesFigures {
  let series: Series

  init(_ series: Series) { self.series = series }

  /// The position of a column that the report must have; see ``Series/position(of:)``.
  func index(_ column: String) -> Int? { series.position(of: column) }

  /// Whether the buckets are days: then the report has its columns that exist by day only.
  var isByDay: Bool { series.frame?.granularity == .day }

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
    case .time, .instant, .weekday, .hourOfDay, .text, .propertyValue, .days, .period, .number:
      .number
    }
  }

  /// The text of a table cell.
  func text(_ row: [Series.Value], _ column: Int) -> String {
    switch row[column] {
    case .null: "–"
    case .text, .absent, .others: row[column].label(in: series.columns[column]) ?? ""
    case .integer, .number: quantity(column).text(number(row, column) ?? 0)
    case .instant(let date):
      timeText(column).full(date, column == 0 ? series.partial(row) : nil)
    }
  }

  func isNumeric(_ column: Int) -> Bool {
    switch series.columns[column].unit {
    case .time, .instant, .text, .propertyValue: false
    default: true
    }
  }

  /// The name of a column for people: `weekly active users`.
  func label(_ column: Int) -> String { series.columns[column].label }

  static func label(_ name: String) -> String { name.replacing("_", by: " ") }

  private func timeText(_ column: Int) -> TimeText {
    if case .time(let granularity) = series.columns[column].unit {
      return TimeText(granularity: granularity, zone: series.zone)
    }
    return TimeText(granularity: .hour, zone: series.zone)
  }
}

extension SeriesFigures {
  /// The buckets in order of time. Several rows may belong to one.
  struct Times {
    var slots: [TimeChart.Slot] = []
    /// The slot of each row; `nil` for a bucket that has not begun, so that no line falls to 0
    /// there.
    var slotOfRow: [Int?] = []
  }

  /// All buckets of the range, including those without rows, so that the axis is linear in time.
  ///
  /// - Returns: `nil` if the series has no buckets.
  var times: Times? {
    guard let frame = series.frame else { return nil }
    var times = Times()
    var slots: [Date: Int] = [:]
    let axis = TimeAxis(frame.buckets.map(\.start), by: frame.granularity, in: frame.zone)
    let text = TimeText(granularity: frame.granularity, zone: frame.zone)
    times.slots = frame.buckets.enumerated().map { index, bucket in
      let partial = series.partial[bucket.start]
      if partial != .ahead { slots[bucket.start] = index }
      return TimeChart.Slot(
        text.full(bucket.start, partial), tick: axis.ticks[index], isPartial: partial != nil)
    }
    times.slotOfRow = series.rows.map { row in series.start(of: row).flatMap { slots[$0] } }
    return times
  }

  /// The buckets that are not whole, in words; empty if all are.
  var partialNotes: [String] {
    guard let frame = series.frame else { return [] }
    let text = TimeText(granularity: frame.granularity, zone: frame.zone)
    let parts = frame.buckets.compactMap { bucket in
      series.partial[bucket.start].map { (text.full(bucket.start), $0) }
    }
    let begun = parts.filter { $0.1 != .ahead }.map { "\($0.0) is \($0.1.wording)." }
    let first = parts.first { $0.1 == .ahead }
    return begun + (first.map { ["From \($0.0) on: \($0.1.wording)."] } ?? [])
  }

  /// A line for each column, all of which the report must have.
  func lines(_ columns: [String], _ times: Times) -> [TimeChart.Line] {
    columns.compactMap { name in
      guard let column = index(name) else { return nil }
      var values = [Double?](repeating: nil, count: times.slots.count)
      for (row, slot) in zip(series.rows, times.slotOfRow) {
        if let slot { values[slot] = number(row, column) }
      }
      return TimeChart.Line(label(column), values)
    }
  }

  /// The largest number of lines that colours can distinguish; the rest becomes one line.
  private static let namesMax = TimeChart.grey

  /// A line for each text of a column, the largest first. The small ones are one line, together
  /// with the values for which the report itself has no rows of their own.
  func lines(
    of value: String, by group: String?, _ times: Times, _ palette: Palette
  ) -> [TimeChart.Line] {
    let names = names(of: value, by: group)
    guard let group = textColumn(group), let value = index(value) else { return [] }
    let lineOfName = Dictionary(uniqueKeysWithValues: names.shown.enumerated().map { ($1, $0) })
    let colours = palette.colours(of: names.shown)
    var nothing = [Double?](repeating: nil, count: times.slots.count)
    for case let slot? in times.slotOfRow { nothing[slot] = 0 }
    var lines = names.shown.map { TimeChart.Line($0.text, nothing, colour: colours[$0]) }
    if names.hasOthers {
      lines.append(.init(Series.Value.othersLabel, nothing, colour: TimeChart.grey))
    }
    for (row, slot) in zip(series.rows, times.slotOfRow) {
      guard let slot, let amount = number(row, value), amount > 0 else { continue }
      let line = lineName(row, group).flatMap { lineOfName[$0] } ?? names.shown.count
      lines[line].values[slot] = (lines[line].values[slot] ?? 0) + amount
    }
    return lines
  }

  /// The texts of a column that have lines of their own, the largest first, and whether there are
  /// others.
  func names(
    of value: String, by group: String?
  ) -> (shown: [ExactString], hasOthers: Bool) {
    guard let group = textColumn(group), let value = index(value) else { return ([], false) }
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
    return (Array(ordered.prefix(Self.namesMax)), hasOthers || ordered.count > Self.namesMax)
  }

  /// - Parameter name: The column; by default the first one that has texts.
  private func textColumn(_ name: String?) -> Int? {
    if let name { return index(name) }
    return series.columns.firstIndex { $0.unit == .text || $0.unit == .propertyValue }
  }

  /// The name of a row's line; `nil` for the line of all others.
  private func lineName(_ row: [Series.Value], _ column: Int) -> ExactString? {
    switch row[column] {
    case .others: nil
    case .null: ExactString(Series.Value.absentLabel)
    // Rollups store a missing value as empty text.
    case .text(let text) where series.columns[column].unit == .text:
      ExactString(text.isEmpty ? Series.Value.absentLabel : Series.Value.escapedLabel(text))
    default: ExactString(text(row, column))
    }
  }
}

extension Series.Column {
  /// `avg delivery` for `avg_delivery_ms`: the values show their unit.
  var label: String {
    let unit = [Series.Unit.milliseconds: "ms", .seconds: "seconds"][unit]
    let words = name.split(at: "_").map { String($0) }.filter { $0 != unit }
    return words.isEmpty ? SeriesFigures.label(name) : words.joined(separator: " ")
  }
}
