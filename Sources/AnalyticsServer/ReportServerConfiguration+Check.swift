extension ReportServerConfiguration {
  /// Throws for a value outside its range.
  func check() throws(ReportServerError) {
    if let problem { throw .configuration(problem) }
  }

  /// Why no server can start with this configuration, in one line; `nil` if one can.
  var problem: String? {
    // The system would use only the lowest 16 bits of the port.
    guard (0...65_535).contains(port) else { return "port is \(port); it must be 0 to 65535" }
    return limits.problem
  }
}

extension ReportServerLimits {
  /// Far longer waits would overflow the instants of `ContinuousClock`.
  static let longestWait: Duration = .seconds(36_500 * 86_400)

  /// Why no server can work with these limits, in one line; `nil` if one can.
  var problem: String? {
    guard !requestsPerSecond.isNaN else {
      return "limits.requestsPerSecond is nan; it must be a number, 0 or less for no limit"
    }
    let numbers: [(name: String, value: Int, range: ClosedRange<Int>)] = [
      ("burst", burst, 1...Int.max), ("headerBytes", headerBytes, 1...Int.max),
      ("bodyBytes", bodyBytes, 0...Int.max), ("connections", connections, 1...Int.max),
      ("reports", reports, 1...1000),
    ]
    for (name, value, range) in numbers where !range.contains(value) {
      let end = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
      return "limits.\(name) is \(value); it must be \(range.lowerBound) \(end)"
    }
    let durations: [(name: String, value: Duration)] = [
      ("reportTimeout", reportTimeout), ("exploreTimeout", exploreTimeout),
      ("lookupTimeout", lookupTimeout), ("requestTimeout", requestTimeout),
      ("writeStallTimeout", writeStallTimeout), ("idleTimeout", idleTimeout),
      ("gaugeInterval", gaugeInterval),
    ]
    for (name, value) in durations where value <= .zero || value > Self.longestWait {
      return "limits.\(name) is \(value); it must be above zero and at most 36500 days"
    }
    return nil
  }
}
