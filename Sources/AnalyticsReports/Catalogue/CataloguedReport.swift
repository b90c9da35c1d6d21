/// A type of report that can be requested by name, on the command line or over HTTP. Reports over a
/// single rollup need no type of their own: see ``RollupReport``.
public protocol CataloguedReport: Report {
  /// The name in kebab-case.
  static var name: String { get }
  /// One line that says what the report answers.
  static var summary: String { get }
  /// The parameters that the report takes. Others are refused.
  static var parameters: [ReportParameter] { get }

  /// Makes the report from parameters.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` if a value cannot be used.
  init(_ parameters: ReportParameters) throws(ReportError)
}
