import AnalyticsTestSupport
import Foundation

/// Prometheus' own judge of metrics.
enum Promtool {
  static func complaints(about text: String) async throws -> [String] {
    try await withTemporaryFolder { folder in
      let (input, output) = (folder + "/metrics", folder + "/complaints")
      try text.write(toFile: input, atomically: false, encoding: .utf8)
      try await ChildProcess(
        "/usr/bin/promtool", ["check", "metrics"], input: .file(input), error: .file(output)
      ).ended()
      return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        .map(String.init)
    }
  }
}
