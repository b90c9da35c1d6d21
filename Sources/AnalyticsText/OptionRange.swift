/// Checks of options against their ranges. Each returns one line that names the option, its value
/// and its range; `nil` for a permitted value.
package enum OptionRange {
  /// 36,500 days. Far longer waits would overflow the instants of `ContinuousClock`.
  package static let longestWait: Duration = .seconds(36_500 * 86_400)

  /// Checks a wait, which must be above zero and at most ``longestWait``.
  package static func problem(_ name: String, wait: Duration) -> String? {
    if wait > .zero, wait <= longestWait { return nil }
    return "\(name) is \(wait); it must be above zero and at most 36500 days"
  }

  /// Checks a wait that may also be zero.
  package static func problem(_ name: String, grace: Duration) -> String? {
    problem(name, grace, in: .zero...longestWait, "zero to 36500 days")
  }

  /// Checks a time.
  ///
  /// - Parameter text: The range as people write it, such as `one second to 366 days`.
  package static func problem(
    _ name: String, _ time: Duration, in range: ClosedRange<Duration>, _ text: String
  ) -> String? {
    range.contains(time) ? nil : "\(name) is \(time); it must be \(text)"
  }

  /// Checks a number.
  package static func problem(
    _ name: String, _ number: Int, in range: ClosedRange<Int>
  ) -> String? {
    if range.contains(number) { return nil }
    let end = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
    return "\(name) is \(number); it must be \(range.lowerBound) \(end)"
  }

  /// Stops the process if there is a problem. A failed `precondition` would print no text in a
  /// release build.
  package static func require(noProblem problem: String?) {
    if let problem { fatalError(problem) }
  }
}
