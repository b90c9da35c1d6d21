import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

/// A file with real events. CONTRIBUTING.md describes where it is searched for.
private enum Sample {
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["ANALYTICS_SAMPLE"] { return given }
    return URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../../../shared/data/events.ndjson.gz"
    ).standardizedFileURL.path
  }()
  static var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// The number of lines of each type in the file, counted without code of this package.
  static func counts() throws -> [String: Int] {
    let text = String(
      decoding: try ChildProcess.run("/usr/bin/env", ["gzip", "-dc", path]).output, as: UTF8.self)
    var counts: [String: Int] = [:]
    for line in text.split(separator: "\n") {
      let type = line.firstRange(of: #""event":{"type":""#).map {
        line[$0.upperBound...].prefix { $0 != "\"" }
      }
      counts[String(type ?? "none"), default: 0] += 1
    }
    return counts
  }
}

@Suite("The real file", .timeLimit(.minutes(60)))
struct RealFileTests {
  @Test(
    "is stored with the right count for each type, and the same when imported again",
    .enabled(if: Sample.exists, "there is no sample file; ANALYTICS_SAMPLE names one"))
  func twice() async throws {
    let expected = try Sample.counts()
    let lines = expected.values.reduce(0, +)
    try await ImportDatabase.with { database in
      let first = try await database.importing(Sample.path)
      #expect(first.summary == Summary(lines: lines, stored: lines))
      #expect(first.outcome.exitCode == 0)
      #expect(try await database.countsByType == expected)
      let second = try await database.importing(Sample.path)
      #expect(second.summary == Summary(lines: lines, stored: 0, duplicates: lines))
      #expect(try await database.countsByType == expected)
    }
  }
}
