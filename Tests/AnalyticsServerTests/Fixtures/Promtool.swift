import AnalyticsTestSupport
import Foundation

/// `promtool`, the checker of Prometheus for metrics.
enum Promtool {
  static func complaints(about text: String) async throws -> [String] {
    try await withTemporaryDirectory { directory in
      let (input, output) = (directory + "/metrics", directory + "/complaints")
      try text.write(toFile: input, atomically: false, encoding: .utf8)
      try await ChildProcess(
        "/usr/bin/promtool", ["check", "metrics"], input: .file(input), error: .file(output)
      ).ended()
      return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        .map(String.init)
    }
  }
}
