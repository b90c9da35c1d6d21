import AnalyticsReports
import AnalyticsText
import Foundation

/// A series as text for a terminal: local times, units in the headings, and bars beside the first
/// figures, or shades for the hours of a week.
struct SeriesTable {
  private let series: Series

  init(_ series: Series) { self.series = series }

  var text: String {
    let body = WeekGrid(series)?.lines ?? (isOneThing ? list : table)
    let notes = series.warnings.map { "note: \($0)" }
    let next = series.nextPage.map { "next page: --\($0.parameter) \($0.value)" }
    return ([title] + body + notes + [next].compactMap(\.self)).joined(separator: "\n")
  }

  private var title: String {
    let range = series.range.map { range in
      " from \(Self.short(range.lowerBound, series.zone)) to \(Self.short(range.upperBound, series.zone))"
    }
    return "\(series.name)\(range ?? ""), \(series.zoneName)"
  }

  /// Whether the series is shown as a list: a single row with many columns is easier to read as
  /// lines.
  private var isOneThing: Bool { series.rows.count == 1 && series.columns.count > 5 }

  private var list: [String] {
    let lines = series.columns.indices.map { position in
      let column = series.columns[position]
      let cell = CellText(column, in: series)
      let value = text(series.rows[0], position, cell)
      return (column.name.replacing("_", by: " "), value, cell.unit)
    }
    let widths = [lines.map(\.0.count).max() ?? 0, lines.map(\.1.count).max() ?? 0]
    return lines.map { name, value, unit in
      let gap = widths[0] - name.count + widths[1] - value.count
      return name + String(repeating: " ", count: gap + 2) + value
        + (unit.isEmpty ? "" : " \(unit)")
    }
  }

  private var table: [String] {
    guard !series.rows.isEmpty else { return ["nothing"] }
    var columns = series.columns.indices.map(column)
    if let bars { columns.insert(bars.column, at: bars.position) }
    return TextTable(columns: columns).lines.map(\.withoutTrailingSpaces)
  }

  /// A column's heading in two lines, and its values.
  private func column(_ position: Int) -> TextTable.Column {
    let column = series.columns[position]
    let cell = CellText(column, in: series)
    let heading = [column.name.replacing("_", by: " "), cell.unit]
    return TextTable.Column(
      cells: heading + series.rows.map { text($0, position, cell) },
      isRightAligned: column.unit.isFigure)
  }

  /// The text of a cell. If a bucket is not whole, the reason follows its time.
  private func text(_ row: [Series.Value], _ position: Int, _ cell: CellText) -> String {
    let partial = position == 0 ? series.partial(row) : nil
    return cell.text(row[position]) + (partial.map { " (\($0.rawValue))" } ?? "")
  }

  /// The bars beside the first column of figures; `nil` for a single row, which has nothing to
  /// compare with.
  private var bars: (column: TextTable.Column, position: Int)? {
    let figure = series.columns.firstIndex { $0.unit.isFigure }
    guard let figure, series.rows.count > 1 else { return nil }
    let values = series.rows.map { $0[figure].number ?? 0 }
    guard let largest = values.max(), largest > 0 else { return nil }
    return (TextTable.Column(cells: ["", ""] + values.map { Self.bar($0 / largest) }), figure + 1)
  }

  private static let barWidth = 20

  /// A bar in steps of an eighth of a character. A value above 0 is always visible.
  private static func bar(_ share: Double) -> String {
    let eighths = share > 0 ? max(1, Int((share * Double(barWidth * 8)).rounded())) : 0
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + rest
  }

  /// The time, or only the day if the time is midnight.
  static func short(_ date: Date, _ zone: TimeZone) -> String {
    let local = LocalTime(date, in: zone)
    let isMidnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return isMidnight ? local.dayText : "\(local.dayText) \(local.clockText)"
  }
}

extension Series.Unit {
  /// Whether values are numbers to compare, rather than the subject of a row.
  var isFigure: Bool {
    switch self {
    case .time, .instant, .weekday, .hourOfDay, .days, .text, .propertyValue: false
    default: true
    }
  }
}

extension Series.Value {
  var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}

extension String {
  fileprivate var withoutTrailingSpaces: String {
    var scalars = unicodeScalars
    while scalars.last == " " { scalars.removeLast() }
    return String(scalars)
  }
}
