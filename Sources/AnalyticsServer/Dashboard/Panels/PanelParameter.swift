internal import AnalyticsReports

/// A parameter that a panel passes to its report. Only the functions below make one, so its name is
/// right and its values are of the right type.
struct PanelParameter: Sendable {
  let name: String
  let values: [String]

  private init(_ parameter: ReportParameter, _ values: [String]) {
    name = parameter.name
    self.values = values
  }

  /// The length of the buckets.
  static func by(_ granularity: Granularity) -> Self {
    Self(.granularity, [granularity.rawValue])
  }

  /// The dimension to group by.
  static func group(by dimension: String) -> Self { Self(.group, [dimension]) }

  /// The lengths in days of the windows for distinct values.
  static func windows(days: [Int]) -> Self { Self(.window, days.map(String.init)) }

  static func percentiles(_ percentiles: [Percentile]) -> Self {
    Self(.percentile, percentiles.map(\.text))
  }

  /// The distinct values to count, in place of users.
  static func of(_ measure: DistinctMeasure) -> Self { Self(.of, [measure.description]) }

  /// The maximum number of rows of a breakdown.
  static func limit(_ rows: Int) -> Self { Self(.breakdownLimit, ["\(rows)"]) }

  /// What a person entered. The report checks it.
  static func entered(_ texts: [String], for parameter: ReportParameter) -> Self {
    Self(parameter, texts)
  }
}
