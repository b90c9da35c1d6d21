internal import AnalyticsText

extension ReportServerConfiguration {
  /// Throws for a value outside its range.
  func check() throws(ReportServerError) {
    if let problem { throw .configuration(problem) }
  }

  /// Why no server can start with this configuration, in one line; `nil` if one can.
  var problem: String? {
    // The system would use only the lowest 16 bits of the port.
    OptionRange.problem("port", port, in: 0...65_535) ?? limits.problem
  }
}

extension ReportServerLimits {
  /// Why no server can work with these limits, in one line; `nil` if one can.
  var problem: String? {
    guard !requestsPerSecond.isNaN else {
      return "limits.requestsPerSecond is nan; it must be a number. 0 or less means no limit"
    }
    let numbers = [
      ("burst", burst, 1...Int.max), ("headerBytes", headerBytes, 1...Int.max),
      ("bodyBytes", bodyBytes, 0...Int.max), ("connections", connections, 1...Int.max),
      ("reports", reports, 1...1000),
    ]
    for (name, number, range) in numbers {
      if let problem = OptionRange.problem("limits." + name, number, in: range) { return problem }
    }
    let waits = [
      ("reportTimeout", reportTimeout), ("exploreTimeout", exploreTimeout),
      ("lookupTimeout", lookupTimeout), ("requestTimeout", requestTimeout),
      ("writeStallTimeout", writeStallTimeout), ("idleTimeout", idleTimeout),
      ("gaugeInterval", gaugeInterval),
    ]
    for (name, wait) in waits {
      if let problem = OptionRange.problem("limits." + name, wait: wait) { return problem }
    }
    return nil
  }
}
