import AnalyticsReports
import AnalyticsText

/// A report as requested on the command line: its name, and the values of its parameters by name.
struct ReportRequest {
  let name: String
  let values: [String: [String]]

  /// - Parameters:
  ///   - words: The arguments for which the command has no option: the name, and `--parameter
  ///     value` or `--parameter=value`. Reports have different parameters, so each report checks
  ///     its own.
  ///   - common: The options that all reports have.
  init(words: [String], common: [String: String]) throws(ReportError) {
    var values = common.mapValues { [$0] }
    var name: String?
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.begins(with: "--") else {
        guard name == nil else {
          throw Self.refusal("more than one report is named: \(name ?? "") and \(word)")
        }
        name = word
        continue
      }
      let parts = word[...].dropping("--").split(at: "=", maxSplits: 1)
      guard let parameter = parts.first else { continue }
      guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
        throw Self.refusal("\(word) has no value")
      }
      values[String(parameter).replacing("-", by: "_"), default: []].append(value)
    }
    guard let name else {
      throw Self.refusal("name a report: `analytics report --list` lists them")
    }
    self.name = name
    self.values = values
  }

  private static func refusal(_ line: String) -> ReportError {
    ReportError(.invalidParameter, parameter: "report", line)
  }
}
