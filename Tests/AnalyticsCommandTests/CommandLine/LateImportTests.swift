import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite(
  "Importing into compressed chunks", .timeLimit(.minutes(60)),
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct LateImportTests {
  /// Events of a dozen services, one for each second of two days, ten days ago. Each run has other ids.
  private static func lines(_ numbers: some Sequence<Int>, run: Int) -> String {
    let today = Int64(Date().timeIntervalSince1970) / 86_400
    let start = TimeInterval((today - 10) * 86_400)
    return numbers.map { number in
      let moment = Date(timeIntervalSince1970: start + Double(number))
      let digits = String(run * 1_000_000 + number)
      let id =
        "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
      return """
        {"timestamp":"\(moment.formatted(.iso8601))","id":"\(id)","event":{"type":"api_request",\
        "service":"s\(number % 12)","endpoint":"/v1","method":"GET","status_code":200,\
        "duration_ms":\(number % 500)}}

        """
    }.joined()
  }

  @Test("120,000 repeated events, all or every second one, are stored once, without a retry")
  func again() async throws {
    try await ImportDatabase.with(on: .timescale) { database in
      let all = Self.lines(0..<120_000, run: 1)
      let half =
        Self.lines(stride(from: 0, to: 120_000, by: 2), run: 1)
        + Self.lines(stride(from: 1, to: 120_000, by: 2), run: 2)
      try await withFile(all.utf8) { path in
        let first = try await database.importing(path)
        #expect(first.summary == Summary(lines: 120_000, stored: 120_000))
        // No event is old enough to be dropped.
        #expect(first.outcome.error == "")
        try await database.execute("SELECT compress_chunk(partition) FROM analytics_partitions()")
        let second = try await database.importing(path)
        #expect(second.summary == Summary(lines: 120_000, stored: 0, duplicates: 120_000))
        // A failed attempt would be reported there.
        #expect(second.outcome.error == "")
      }
      try await withFile(half.utf8) { path in
        let third = try await database.importing(path)
        #expect(third.summary == Summary(lines: 120_000, stored: 60_000, duplicates: 60_000))
        #expect(third.outcome.error == "")
      }
      #expect(try await database.eventCount == 180_000)
      #expect(
        try await database.number("SELECT count(DISTINCT (timestamp, id)) FROM analytics_events")
          == 180_000)
    }
  }
}
