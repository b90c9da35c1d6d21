import AnalyticsText

/// The result of one check.
struct Finding: Encodable, Equatable {
  enum Verdict: String, Encodable, CaseIterable {
    case ok, warn, fail
  }

  var name: String
  var verdict: Verdict
  /// The facts that were found.
  var found: String
  /// The remedy; `nil` if all is well.
  var advice: String?
  /// The numbers in `found`, for scripts.
  var figures: [String: Int]?

  static func ok(_ name: String, _ found: String) -> Finding {
    Finding(name: name, verdict: .ok, found: found, advice: nil)
  }

  static func warn(_ name: String, _ found: String, _ advice: String) -> Finding {
    Finding(name: name, verdict: .warn, found: found, advice: advice)
  }

  static func fail(_ name: String, _ found: String, _ advice: String) -> Finding {
    Finding(name: name, verdict: .fail, found: found, advice: advice)
  }

  /// `server: …`, with the remedy after an arrow.
  var line: String { DisplayText.line("\(name): \(found)" + (advice.map { " → \($0)" } ?? "")) }

  /// The verdict and the line: `ok    server: …`.
  var text: String {
    verdict.rawValue + String(repeating: " ", count: 6 - verdict.rawValue.count) + line
  }
}

extension [Finding] {
  /// 0 if all is well, 1 with a warning, 2 with a failure.
  var exitCode: Int32 {
    contains { $0.verdict == .fail } ? 2 : contains { $0.verdict == .warn } ? 1 : 0
  }
}
