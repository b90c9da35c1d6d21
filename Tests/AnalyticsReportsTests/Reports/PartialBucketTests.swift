import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Incomplete buckets", .timeLimit(.minutes(60)))
struct PartialBucketTests {
  private struct Answer: Decodable {
    struct Row: Decodable {
      var day: String
      var partial: String?
    }
    var rows: [Row]
  }

  @Test("are marked in JSON, in CSV and by encoders: cut by the range, running, or ahead")
  func told() async throws {
    try await ReportFixture.with { fixture in
      let (zone, zoneName, offset) = try Self.zoneOfNoon()
      let days = [-3, -2, -1, 0, 1].map { LocalDay(Date(), in: zone).adding(days: $0) }
      // A report by type has rows only for types with events.
      try await fixture.store("page_viewed", ["{}"], from: Date(timeIntervalSinceNow: -86_400))
      for name in ["active-users", "events-by-type", "tasks", "breakdown"] {
        let asked = [
          "by": ["day"], "from": ["\(days[0].text)T01:00:00\(offset)"],
          "to": [days[4].adding(days: 1).text],
          "tz": [zoneName],
        ]
        let event = name == "breakdown" ? ["event": ["page_viewed"]] : [:]
        let series = try await fixture.report(name, asked.merging(event) { $1 })
        let answers = try [Data(series.json.utf8), JSONEncoder().encode(series)].map {
          try JSONDecoder().decode(Answer.self, from: $0)
        }
        for answer in answers {
          #expect(answer.rows.map(\.day) == days.map(\.text), "\(name)")
          #expect(
            answer.rows.map { $0.partial ?? "" } == ["cut", "", "", "running", "ahead"], "\(name)")
        }
        let marks = series.csv.split(separator: "\r\n").map { line in
          line.split(separator: ",", omittingEmptySubsequences: false).last.map(String.init)
        }
        #expect(marks == ["partial", "cut", "", "", "running", "ahead"], "\(name)")
        let whole = try await fixture.report(
          name, ["by": ["total"]].merging(event) { $1 })
        #expect(!whole.csv.contains("partial") && !whole.json.contains("partial"), "\(name)")
      }
    }
  }

  /// A zone in which it is noon now, so that no day, week or month ends during the test. Returns the zone, its name,
  /// and its offset from UTC.
  private static func zoneOfNoon() throws -> (TimeZone, String, String) {
    let hours = 12 - LocalTime(Date(), in: .gmt).hour
    let zone = try #require(TimeZone(secondsFromGMT: 3600 * hours))
    // The names have the sign that POSIX defines.
    let name = hours == 0 ? "UTC" : String(format: "Etc/GMT%+d", -hours)
    return (zone, name, String(format: "%+03d:00", hours))
  }

  @Test("do not occur at the start of the default range")
  func standard() async throws {
    try await ReportFixture.with { fixture in
      for by in ["day", "week", "month"] {
        let asked = ReportParameters(["by": [by], "tz": [try Self.zoneOfNoon().1]])
        let series = try await ReportCatalogue.standard.report("active-users", asked)
          .series(from: fixture.database)
        let partial = series.rows.map { series.partial($0) }
        #expect(partial.dropLast().allSatisfy { $0 == nil }, "\(by)")
        #expect(partial.last == .running, "\(by)")
      }
    }
  }
}
