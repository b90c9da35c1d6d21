internal import AnalyticsText
internal import Foundation

extension Series {
  /// A value as JSON and CSV have it: times local to the series' zone, the rest as it is.
  ///
  /// Days, weeks and months are the date of their first day; hours and instants are RFC 3339 with
  /// their offset, since an hour may come twice in a day.
  public func text(_ value: Value, in column: Column) -> String? {
    switch value {
    case .null: nil
    case .text(let text): text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    case .instant(let date):
      switch column.unit {
      case .time(.day), .time(.week), .time(.month): LocalTime(date, in: zone).dayText
      default: LocalTime(date, in: zone).text
      }
    }
  }

  /// One line with the columns' names, then a line a row, as RFC 4180 has it.
  public var csv: String {
    let heading = columns.map { CSVText.field($0.name) }
    let lines = rows.map { row in
      zip(row, columns).map { CSVText.field(text($0, in: $1) ?? "") }
    }
    return ([heading] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }
}
