/// A type of reports that people ask for by name, on the command line or over HTTP. Those over one rollup need no
/// type: ``RollupReport``.
public protocol CataloguedReport: Report {
  /// In kebab-case, as it is asked for.
  static var name: String { get }
  /// What it answers, in a line.
  static var explanation: String { get }
  /// What can be said of it. Others are refused.
  static var parameters: [ReportParameter] { get }

  /// Makes the report from what was said.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``.
  init(_ parameters: ReportParameters) throws(ReportError)
}

/// Something that can be said of a report.
public struct ReportParameter: Hashable, Sendable {
  /// In snake_case.
  public var name: String
  /// What kind of value it takes, in a word.
  public var value: String
  /// What it does, and what holds without it.
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
  /// Where the range begins.
  public static let from = ReportParameter(
    "from", "day or instant",
    "where the range begins; by default with the day, the week, … that is 30 days before its end")
  /// Where the range ends.
  public static let to = ReportParameter(
    "to", "day or instant", "where it ends, itself excluded; by default the end of today")
  /// How long the pieces are.
  public static let granularity = ReportParameter(
    "by", "hour|day|week|month|total", "how long the pieces are; by default a day")
  /// Whose clock it is.
  public static let zone = ReportParameter(
    "tz", "IANA time zone", "whose days and hours they are; by default UTC")

  /// A range in a time zone.
  public static let range: [ReportParameter] = [.from, .to, .zone]
  /// A range in a time zone, cut into pieces.
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
