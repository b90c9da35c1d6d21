internal import AnalyticsText

extension Series {
  /// A time series: a row for each piece of a frame and each group, also where nothing happened.
  ///
  /// - Parameters:
  ///   - dimensions: The columns behind the time; `groups` are their values.
  ///   - columns: What follows those.
  ///   - values: Of a group in a piece, one for each of `columns`.
  static func overTime(
    _ name: String, _ frame: TimeFrame, by dimensions: [String] = [], groups: [Group] = [[]],
    columns: [Column],
    values: (_ group: Group, _ piece: Int) throws -> [Value]
  ) rethrows -> Series {
    let isTooLong = frame.buckets.count * groups.count > rowsFilledMax
    var rows: [[Value]] = []
    for (piece, bucket) in frame.buckets.enumerated() {
      for group in groups {
        let values = try values(group, piece)
        if isTooLong, values.allSatisfy(\.isNothing) { continue }
        rows.append([.instant(bucket.start)] + group.map { Value.text($0.text) } + values)
      }
    }
    return Series(
      name: name, frame: frame,
      columns: [frame.column] + dimensions.map { Column($0, .text) } + columns, rows: rows,
      notes: isTooLong ? ["rows in which nothing happened are left out: there are too many"] : [])
  }

  /// Beyond that many rows only those in which something happened are made.
  static let rowsFilledMax = TimeFrame.bucketsMax
}

extension TimeFrame {
  /// The column that says which piece a row is about.
  var column: Series.Column {
    Series.Column(granularity == .total ? "from" : granularity.rawValue, .time(granularity))
  }
}

extension Series.Value {
  /// A quotient; none of nothing.
  static func ratio(_ part: Int, of whole: Int) -> Series.Value {
    whole == 0 ? .null : .number(Double(part) / Double(whole))
  }

  /// A whole number that came as a floating one; beyond 2⁵³ it is as near as that gets.
  static func whole(_ number: Double) -> Series.Value {
    number.magnitude <= 0x1p53 ? .integer(Int(number)) : .number(number)
  }

  /// Whether it says that nothing happened.
  fileprivate var isNothing: Bool { self == .integer(0) || self == .number(0) || self == .null }

  /// A number that may not be there.
  static func optional(_ number: Double?) -> Series.Value {
    number.map(Series.Value.number) ?? .null
  }
}
