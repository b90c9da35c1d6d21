internal import AnalyticsText
internal import Foundation

extension Series {
  /// A value as CSV has it: times local to the series' zone, labels in place of what is no value, and the
  /// rest as it is.
  ///
  /// Days, weeks and months are the date of their first day; hours and instants are RFC 3339 with
  /// their offset, since an hour may come twice in a day.
  public func text(_ value: Value, in column: Column) -> String? {
    switch value {
    case .null: nil
    case .absent: Value.absentLabel
    case .others: Value.othersLabel
    case .text(let text): column.unit == .propertyValue ? Value.besideLabels(text) : text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .instant(let date):
      switch column.unit {
      case .time(.day), .time(.week), .time(.month): LocalTime(date, in: zone).dayText
      default: LocalTime(date, in: zone).text
      }
    }
  }

  /// One line with the columns' names, then a line a row, as RFC 4180 has it. What is about pieces of time has a last
  /// column `partial`, empty where the piece is whole.
  public var csv: String {
    let heading = columns.map { CSVText.field($0.name) } + (tellsPartial ? ["partial"] : [])
    let lines = rows.map { row in
      zip(row, columns).map { CSVText.field(text($0, in: $1) ?? "") }
        + (tellsPartial ? [partial(row)?.rawValue ?? ""] : [])
    }
    return ([heading] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }
}

extension Series.Value {
  /// What a table, a chart and CSV say where events have no value.
  public static let absentLabel = "(none)"
  /// What they say of all values that have no row of their own.
  public static let othersLabel = "(other)"
  /// What a table and a chart say of the empty text.
  package static let emptyLabel = "(empty)"

  /// What people read of a text, of no value and of all others; `nil` for figures and times.
  package func label(in column: Series.Column) -> String? {
    switch self {
    case .absent: Self.absentLabel
    case .others: Self.othersLabel
    case .text(let text) where column.unit == .propertyValue:
      text.isEmpty ? Self.emptyLabel : Self.besideLabels(text)
    case .text(let text): text
    case .instant, .integer, .number, .null: nil
    }
  }

  /// A text as it stands where labels may stand: one that reads like a label has a backslash before it, and
  /// one that already has backslashes before a label has another. So no two values look the same.
  package static func besideLabels(_ text: String) -> String {
    let rest = Substring(text.unicodeScalars.drop { $0 == "\\" })
    let isLabel = [absentLabel, othersLabel, emptyLabel].contains { $0.isSame(as: rest) }
    return isLabel ? "\\" + text : text
  }
}
