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

  /// Returns the value of a parameter that has to be given.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` if it was not given.
  public func required(_ parameter: ReportParameter) throws(ReportError) -> String {
    guard let text = text(parameter) else {
      throw .invalid(parameter.name, "\(parameter.name) is required: \(parameter.summary)")
    }
    return text
  }

  /// Returns a whole number within the bounds of the parameter; `nil` if it was not given.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for anything else.
  public func integer(_ parameter: ReportParameter) throws(ReportError) -> Int? {
    try integers(parameter).first
  }

  /// Returns all values of a parameter as whole numbers within its bounds.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for anything else.
  public func integers(_ parameter: ReportParameter) throws(ReportError) -> [Int] {
    var numbers: [Int] = []
    for text in texts(parameter) {
      guard let number = Int(text), parameter.allows(number) else {
        throw refusal(parameter, text)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// Returns one of an enumeration's words; `nil` if the parameter was not given.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for anything else.
  public func choice<Word: RawRepresentable<String>>(
    _ parameter: ReportParameter
  ) throws(ReportError) -> Word? {
    guard let text = text(parameter) else { return nil }
    guard let word = Word(rawValue: text) else { throw refusal(parameter, text) }
    return word
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
    case let text?: throw refusal(parameter, text)
    }
  }

  /// Returns an error with the name of the parameter, the rule for its values, and the value given.
  ///
  /// - Parameter rule: The rule, if it is narrower than that of the parameter's kind.
  func refusal(
    _ parameter: ReportParameter, _ value: String, rule: String? = nil
  ) -> ReportError {
    parameter.refusal(value, rule: rule)
  }
}

extension ReportParameter {
  /// Refuses a number outside of the bounds, for reports that a program makes without parameters.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``.
  func check(_ number: Int) throws(ReportError) {
    guard allows(number) else { throw refusal("\(number)") }
  }

  fileprivate func refusal(_ value: String, rule: String? = nil) -> ReportError {
    .invalid(name, "\(name) \(rule ?? kind.rule), not \(value.quoted)")
  }

  fileprivate func allows(_ number: Int) -> Bool {
    if case .integer(let range) = kind { range.contains(number) } else { true }
  }
}
