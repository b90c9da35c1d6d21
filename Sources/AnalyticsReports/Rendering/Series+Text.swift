internal import AnalyticsText
internal import Foundation

extension Series {
  /// Returns a value as CSV shows it: instants as local times, labels where there is no value, and
  /// all else unchanged; `nil` for ``Value/null``.
  ///
  /// Days, weeks and months are the date of their first day. Hours and instants are in the form of
  /// RFC 3339 with their offset, because an hour can occur twice in a day.
  public func text(_ value: Value, in column: Column) -> String? {
    switch value {
    case .null: nil
    case .absent: Value.absentLabel
    case .others: Value.othersLabel
    case .text(let text): column.unit == .propertyValue ? Value.escapedLabel(text) : text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .instant(let date):
      switch column.unit {
      case .time(.day), .time(.week), .time(.month): LocalTime(date, in: zone).dayText
      default: LocalTime(date, in: zone).text
      }
    }
  }

  /// The series as CSV (RFC 4180): one line with the column names, then one line per row. A series
  /// about buckets has a last column `partial`, which is empty where the bucket is complete.
  public var csv: String {
    let heading = columns.map { CSVText.field($0.name) } + (hasPartialColumn ? ["partial"] : [])
    let lines = rows.map { row in
      zip(row, columns).map { CSVText.field(text($0, in: $1) ?? "") }
        + (hasPartialColumn ? [partial(row)?.rawValue ?? ""] : [])
    }
    return ([heading] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }
}

extension Series.Value {
  /// The label in tables, charts and CSV for events without the property.
  public static let absentLabel = "(none)"
  /// The label there for all values that have no row of their own.
  public static let othersLabel = "(other)"
  /// The label in tables and charts for the empty text.
  package static let emptyLabel = "(empty)"

  /// Returns the label for a text, an absent value or all others; `nil` for figures and times.
  package func label(in column: Series.Column) -> String? {
    switch self {
    case .absent: Self.absentLabel
    case .others: Self.othersLabel
    case .text(let text) where column.unit == .propertyValue:
      text.isEmpty ? Self.emptyLabel : Self.escapedLabel(text)
    case .text(let text): text
    case .instant, .integer, .number, .null: nil
    }
  }

  /// Returns a text so that it cannot be mistaken for a label. A text that equals a label gets a
  /// backslash before it, and one with backslashes before a label gets another. So no two values
  /// look the same.
  package static func escapedLabel(_ text: String) -> String {
    let rest = Substring(text.unicodeScalars.drop { $0 == "\\" })
    let isLabel = [absentLabel, othersLabel, emptyLabel].contains { $0.isSame(as: rest) }
    return isLabel ? "\\" + text : text
  }
}
