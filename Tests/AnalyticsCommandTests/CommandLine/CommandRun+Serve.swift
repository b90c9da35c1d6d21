import AnalyticsTestSupport
import Foundation
import Testing

extension CommandRun {
  /// Starts a server. Returns it with its URL once the server has printed the URL.
  static func serve(
    _ arguments: String..., environment: [String: String]
  ) async throws -> (run: CommandRun, url: String) {
    try await serve(arguments, environment: environment)
  }

  static func serve(
    _ arguments: [String], environment: [String: String]
  ) async throws -> (run: CommandRun, url: String) {
    let run = try CommandRun(["serve", "--port", "0"] + arguments, environment: environment)
    try await until { (try? run.outputSoFar().hasSuffix("\n")) == true }
    let line = try run.outputSoFar()
    let url = try #require(line.firstMatch(of: #/^listening on (http:\/\/.*\/)\n$/#)?.1)
    return (run, String(url).replacing("0.0.0.0", with: "127.0.0.1"))
  }
}
