public import Foundation

/// The raw parameter values of a report request: texts by parameter name.
public struct ReportParameters: Sendable {
  private let values: [String: [String]]
  /// The instant that "today" and "now" refer to.
  public let now: Date

  /// Makes parameters from their values.
  public init(_ values: [String: [String]] = [:], now: Date = Date()) {
    self.values = values
    self.now = now
  }

  /// The names of the parameters that were given, sorted.
  var names: [String] { values.keys.sorted() }

  /// Returns all values of a parameter, in order.
  public func texts(_ parameter: ReportParameter) -> [String] { values[parameter.name] ?? [] }

  /// Returns the first value of a parameter; `nil` if it was not given.
  public func text(_ parameter: ReportParameter) -> String? { values[parameter.name]?.first }

  /// Returns a whole number; `value` if the parameter was not given.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for anything else, and for a number outside
  ///   `range`.
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

  /// Returns whether a parameter is `true` or `false`; `value` if it was not given.
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

  /// Returns an error with the name of the parameter, the rule for its values, and the value given.
  func refusal(
    _ parameter: ReportParameter, _ rule: String, _ value: String? = nil
  ) -> ReportError {
    let given = (value ?? text(parameter)).map { ", not \($0.quoted)" } ?? ""
    return ReportError(
      .invalidParameter, parameter: parameter.name, "\(parameter.name) \(rule)\(given)")
  }
}
