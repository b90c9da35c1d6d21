import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Pieces of time that are not whole", .timeLimit(.minutes(60)))
struct PartialPieceTests {
  private struct Answer: Decodable {
    struct Row: Decodable {
      var day: String
      var partial: String?
    }
    var rows: [Row]
  }

  @Test("say so in JSON, CSV and what encoders write: cut by the range, running, ahead")
  func told() async throws {
    try await ReportFixture.with { fixture in
      let (zone, zoneName, offset) = try Self.zoneOfNoon()
      let days = [-3, -2, -1, 0, 1].map { LocalDay(Date(), in: zone).adding(days: $0) }
      // A report that tells types apart has rows where there is an event.
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

  /// A zone in which it is noon now, so that no day, week or month ends meanwhile: itself, its name, and how far it is
  /// ahead of UTC.
  private static func zoneOfNoon() throws -> (TimeZone, String, String) {
    let hours = 12 - LocalTime(Date(), in: .gmt).hour
    let zone = try #require(TimeZone(secondsFromGMT: 3600 * hours))
    // The names have the sign that Posix gives them.
    let name = hours == 0 ? "UTC" : String(format: "Etc/GMT%+d", -hours)
    return (zone, name, String(format: "%+03d:00", hours))
  }

  @Test("are none at the start of the range that holds where none is given")
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
