public import Foundation

/// What somebody said of a report: values by the names of parameters, as text.
public struct ReportParameters: Sendable {
  private let values: [String: [String]]
  /// The time that "today" and "now" mean.
  public let now: Date

  /// Takes what was said.
  public init(_ values: [String: [String]] = [:], now: Date = Date()) {
    self.values = values
    self.now = now
  }

  /// The parameters that were given.
  var names: [String] { values.keys.sorted() }

  /// All values of a parameter, in their order.
  public func texts(_ parameter: ReportParameter) -> [String] { values[parameter.name] ?? [] }

  /// The value of a parameter; `nil` if it was not given.
  public func text(_ parameter: ReportParameter) -> String? { values[parameter.name]?.first }

  /// A whole number.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for anything else.
  public func integer(
    _ parameter: ReportParameter, in range: ClosedRange<Int>, default value: Int
  ) throws(ReportError) -> Int {
    guard let text = text(parameter) else { return value }
    guard let number = Int(text), range.contains(number) else {
      throw refusal(
        parameter, "is a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Whether something is wanted: `true` or `false`.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for anything else.
  public func flag(
    _ parameter: ReportParameter, default value: Bool = false
  ) throws(ReportError) -> Bool {
    switch text(parameter) {
    case nil: return value
    case "false": return false
    case "true": return true
    default: throw refusal(parameter, "is true or false")
    }
  }

  /// An error that names the parameter, what it should be, and what it was.
  func refusal(
    _ parameter: ReportParameter, _ rule: String, _ value: String? = nil
  ) -> ReportError {
    let given = (value ?? text(parameter)).map { ", not \($0.quoted)" } ?? ""
    return ReportError(
      .invalidParameter, parameter: parameter.name, "\(parameter.name) \(rule)\(given)")
  }
}
