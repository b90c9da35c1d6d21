import AnalyticsTestSupport
import Foundation
import Testing

@Suite(
  "The API under schemathesis", .timeLimit(.minutes(60)),
  .enabled(
    if: Schemathesis.path != nil, "schemathesis is missing: pip install schemathesis"))
struct SchemathesisTests {
  /// An answer that takes more than 20 seconds is a failure, so `make test` runs this test by itself.
  @Test("answers every documented request as documented, and never fails")
  func fuzzed() async throws {
    try await ImportDatabase.with { database in
      try await database.storeDemo(days: 2)
      let (server, url) = try await CommandRun.serve(
        "--rate-limit", "0", environment: ["DATABASE_URL": database.url])
      let (ending, output) = try await Schemathesis.run("\(url)openapi.json")
      #expect(ending == .exited(0), "\(output.suffix(6000))")
      server.signal(SIGTERM)
      let outcome = try await server.outcome()
      #expect(outcome.exitCode == 0 && outcome.error == "", "\(outcome.error)")
    }
  }
}

/// A program that sends generated requests which the OpenAPI document of an API allows.
enum Schemathesis {
  /// The first of its names that exists in PATH.
  static let path: String? = {
    let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return ["schemathesis", "st"].flatMap { name in directories.map { "\($0)/\(name)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// How many generated requests each operation receives, in addition to those with extreme values.
  private static let examplesMax = 4
  /// A fixed seed generates the same requests each time, so that the result depends on the server alone.
  private static let seed = 1

  /// - Returns: How the program ended, with 0 if it found no problem, and its output.
  static func run(_ document: String) async throws -> (ending: ChildProcess.Ending, output: String)
  {
    try await withTemporaryDirectory { directory in
      let log = directory + "/log"
      let arguments = [
        "run", document, "--no-color", "--phases", "examples,coverage,fuzzing",
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,"
          + "response_headers_conformance,response_schema_conformance,unsupported_method",
        // The routes with `.csv`, and those of adi-analytics below /api/v1, have the same handlers as others.
        "--exclude-path-regex", #"\.csv$|^/api/v1/(?!reports)"#,
        "--max-examples", String(examplesMax), "--seed", String(seed), "--generation-database",
        "none",
        "--request-timeout", "60", "--suppress-health-check", "all",
      ]
      let process = try ChildProcess(
        try #require(path), arguments, in: directory, output: .file(log), error: .output)
      return (await process.ended(), try String(contentsOfFile: log, encoding: .utf8))
    }
  }
}
