import AnalyticsTestSupport
import Foundation

/// Prometheus' own judge of metrics.
enum Promtool {
  static func complaints(about text: String) async throws -> [String] {
    try await withTemporaryFolder { folder in
      let (input, output) = (folder + "/metrics", folder + "/complaints")
      try text.write(toFile: input, atomically: false, encoding: .utf8)
      _ = FileManager.default.createFile(atPath: output, contents: nil)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
      process.arguments = ["check", "metrics"]
      process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
      _ = try await process.ended()
      return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        .map(String.init)
    }
  }
}
