/// A type of report that can be requested by name, on the command line or over HTTP. Reports over a
/// single rollup need no type of their own: see ``RollupReport``.
public protocol CataloguedReport: Report {
  /// The name in kebab-case.
  static var name: String { get }
  /// One line that says what the report answers.
  static var explanation: String { get }
  /// The parameters that the report takes. Others are refused.
  static var parameters: [ReportParameter] { get }

  /// Makes the report from parameters.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` if a value cannot be used.
  init(_ parameters: ReportParameters) throws(ReportError)
}

/// A parameter of a report.
public struct ReportParameter: Hashable, Sendable {
  /// The name in snake_case.
  public var name: String
  /// The kind of value that it takes, in a few words.
  public var value: String
  /// What the parameter does, and its default.
  public var explanation: String
  /// Whether it may be given more than once.
  public var isRepeatable: Bool

  /// Describes a parameter.
  public init(
    _ name: String, _ value: String, _ explanation: String, isRepeatable: Bool = false
  ) {
    self.name = name
    self.value = value
    self.explanation = explanation
    self.isRepeatable = isRepeatable
  }
}

extension ReportParameter {
  /// The start of the range.
  public static let from = ReportParameter(
    "from", "day or instant",
    "where the range begins; by default with the day, the week, … that is 30 days before its end")
  /// The end of the range, which is excluded.
  public static let to = ReportParameter(
    "to", "day or instant", "where it ends, itself excluded; by default the end of today")
  /// The length of the buckets.
  public static let granularity = ReportParameter(
    "by", "hour|day|week|month|total", "how long the pieces are; by default a day")
  /// The time zone of days and hours.
  public static let zone = ReportParameter(
    "tz", "IANA time zone", "whose days and hours they are; by default UTC")

  /// The parameters of a range in a time zone.
  public static let range: [ReportParameter] = [.from, .to, .zone]
  /// The parameters of a range in a time zone, divided into buckets.
  public static let frame: [ReportParameter] = [.from, .to, .granularity, .zone]
}

extension ReportParameter {
  static let service = ReportParameter(
    "service", "name", "of this service only", isRepeatable: true)
  static let environment = ReportParameter(
    "environment", "name", "in this environment only", isRepeatable: true)
  static let percentile = ReportParameter(
    "percentile", "number", "a percentile to show, such as 99.9", isRepeatable: true)
}
