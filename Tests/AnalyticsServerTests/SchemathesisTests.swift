import AnalyticsTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite(
  "The API under schemathesis", .serialized, .timeLimit(.minutes(30)),
  .enabled(
    if: Schemathesis.path != nil, "schemathesis is missing: pip install schemathesis"))
struct SchemathesisTests {
  @Test("answers what its document allows as the document says, and never fails")
  func fuzzed() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serveAsService { port in
        let (ending, output) = try await Schemathesis.run("http://127.0.0.1:\(port)/openapi.json")
        #expect(ending == .exited(0), "\(output.suffix(6000))")
      }
    }
  }
}

/// A program that asks an API whatever its OpenAPI document lets it make up.
enum Schemathesis {
  /// The first of its names that is found.
  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return ["schemathesis", "st"].flatMap { name in folders.map { "\($0)/\(name)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// How many requests of its own making each operation gets, besides those at the edges.
  private static let examplesMax = 4
  /// The same requests each time: what this test says is to depend on the server alone.
  private static let seed = 1

  /// - Returns: How it ended, with 0 if nothing was found, and what it wrote.
  static func run(_ document: String) async throws -> (ending: ChildProcess.Ending, output: String)
  {
    try await withTemporaryFolder { folder in
      let log = folder + "/log"
      let arguments = [
        "run", document, "--no-color", "--phases", "examples,coverage,fuzzing",
        "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,"
          + "response_headers_conformance,response_schema_conformance,unsupported_method",
        // The twins with `.csv` and those of adi-analytics below /api/v1 are the same routes.
        "--exclude-path-regex", #"\.csv$|^/api/v1/(?!reports)"#,
        "--max-examples", String(examplesMax), "--seed", String(seed), "--generation-database",
        "none",
        "--request-timeout", "60", "--suppress-health-check", "all",
      ]
      let process = try ChildProcess(
        try #require(path), arguments, in: folder, output: .file(log), error: .output)
      return (await process.ended(), try String(contentsOfFile: log, encoding: .utf8))
    }
  }
}
