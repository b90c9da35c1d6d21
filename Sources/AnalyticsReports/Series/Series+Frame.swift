internal import AnalyticsText

extension Series {
  /// Makes a time series with a row for each bucket and group, including those in which nothing
  /// happened. If there are more than ``rowsFilledMax`` rows, those are left out, with a warning.
  ///
  /// - Parameters:
  ///   - dimensions: The names of the columns after the time; `groups` holds their values.
  ///   - columns: The columns after the dimensions.
  ///   - values: Returns the values of a group in a bucket, one for each of `columns`.
  static func overTime(
    _ name: String, _ frame: TimeFrame, by dimensions: [String] = [], groups: [Group] = [[]],
    columns: [Column],
    values: (_ group: Group, _ bucket: Int) throws -> [Value]
  ) rethrows -> Series {
    let isTooLong = frame.buckets.count * groups.count > rowsFilledMax
    var rows: [[Value]] = []
    for (index, bucket) in frame.buckets.enumerated() {
      for group in groups {
        let values = try values(group, index)
        if isTooLong, values.allSatisfy(\.isNothing) { continue }
        rows.append([.instant(bucket.start)] + group.map { Value.text($0.text) } + values)
      }
    }
    return Series(
      name: name, frame: frame,
      columns: [frame.column] + dimensions.map { Column($0, .text) } + columns, rows: rows,
      warnings: isTooLong
        ? ["rows in which nothing happened are left out, because there are too many rows"] : [])
  }

  /// With more rows than this, rows in which nothing happened are left out.
  static let rowsFilledMax = TimeFrame.bucketsMax
}

extension TimeFrame {
  /// The first column, which says which bucket a row is about.
  var column: Series.Column {
    Series.Column(granularity == .total ? "from" : granularity.rawValue, .time(granularity))
  }
}

extension Series.Value {
  /// A quotient; ``Series/Value/null`` if the denominator is 0.
  static func ratio(_ part: Int, of whole: Int) -> Series.Value {
    whole == 0 ? .null : .number(Double(part) / Double(whole))
  }

  /// A whole number that arrived as a `Double`. Beyond 2⁵³ it stays a `Double`, which is no longer
  /// exact.
  static func whole(_ number: Double) -> Series.Value {
    number.magnitude <= 0x1p53 ? .integer(Int(number)) : .number(number)
  }

  /// Whether the value says that nothing happened.
  fileprivate var isNothing: Bool { self == .integer(0) || self == .number(0) || self == .null }

  /// A number; ``Series/Value/null`` for `nil`.
  static func optional(_ number: Double?) -> Series.Value {
    number.map(Series.Value.number) ?? .null
  }
}
