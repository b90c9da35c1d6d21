import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Breakdowns by properties of any name and value", .timeLimit(.minutes(60)))
struct PropertyColumnTests {
  @Test("a property that has the name of a report's column gets a column of its own")
  func ownColumns() async throws {
    try await ReportFixture.with { fixture in
      let names = [
        "hour", "day", "week", "month", "from", "events", "users", "is_other", "partial", "plan",
        "data.plan",
        "a=b", "environment", "data.environment", "user_id",
      ]
      let fields = names.map { "\"\($0)\":\"of \($0)\"" }.joined(separator: ",")
      try await fixture.store("export_made", ["{\(fields)}"])
      for by in ["day", "week", "month", "total"] {
        for name in names {
          let asked = ["event": ["export_made"], "property": [name], "by": [by]]
          let series = try await fixture.report("breakdown", asked)
          let columns = series.columns.map(\.name)
          #expect(Set(columns).count == columns.count, "\(columns)")
          let own = [
            "hour", "day", "week", "month", "from", "events", "users", "is_other", "partial",
          ]
          let expected = own.contains(name) ? "data.\(name)" : name
          // Names that do not collide have no prefix.
          #expect(columns[1] == (name == "data.plan" ? "plan" : expected), "by \(by)")
          let rows = try Self.rows(series.json).filter { $0["events"] as? Int == 1 }
          let row = try #require(rows.first)
          #expect(rows.count == 1)
          #expect(row.count == 4 + (row["partial"] == nil ? 0 : 1), "\(row)")
          #expect(row["users"] as? Int == 1)
        }
      }
    }
  }

  @Test("a field with the name of an event's column is queried with the prefix data.")
  func hiddenFields() async throws {
    try await ReportFixture.with { fixture in
      try await fixture.store(
        "moved",
        [
          #"{"environment":"north","hostname":"h","service":"s","user_id":"u","data.x":"y","x":"z"}"#
        ])
      func values(_ property: String, where condition: String? = nil) async throws -> [Series.Value]
      {
        var asked = ["event": ["moved"], "property": [property]]
        asked["where"] = condition.map { [$0] }
        let series = try await fixture.report("breakdown", asked)
        #expect(series.columns[1].name == property)
        return series.rows.map { $0[1] }
      }
      #expect(try await values("environment") == [.text("production")])
      #expect(try await values("data.environment") == [.text("north")])
      #expect(try await values("data.hostname") == [.text("h")])
      #expect(try await values("service") == [.text("web")])
      #expect(try await values("data.service") == [.text("s")])
      #expect(try await values("data.user_id") == [.text("u")])
      #expect(try await values("data.data.x") == [.text("y")])
      #expect(try await values("x") == [.text("z")])
      #expect(
        try await values("data.environment", where: "data.environment=north") == [.text("north")])
      #expect(try await values("data.environment", where: "environment=north").isEmpty)
      // A user is represented by the user's id, also in conditions.
      guard case .text(let user)? = try await values("user_id").first else {
        Issue.record("there is no user")
        return
      }
      #expect(UUID(uuidString: user) != nil)
      #expect(try await values("x", where: "user_id=\(user.uppercased())") == [.text("z")])
      #expect(try await values("x", where: "!user_id").isEmpty)
    }
  }

  @Test("a missing value is null, other values are marked, and texts like those labels are texts")
  func labels() async throws {
    try await ReportFixture.with { fixture in
      let plans = ["(none)", "(other)", #"\(none)"#, "(empty)", "", "pro"]
      try await fixture.store(
        "chosen",
        plans.enumerated().flatMap { index, plan in
          // Each value is more frequent than the next one in the list.
          Array(
            repeating: #"{"plan":"\#(plan.replacing("\\", with: "\\\\"))"}"#, count: 9 - index)
        } + ["{}", "{}", #"{"plan":"rare"}"#, #"{"plan":"rarer"}"#])
      let series = try await fixture.report(
        "breakdown", ["event": ["chosen"], "property": ["plan"], "limit": ["7"]])
      for json in [
        series.json, String(decoding: try JSONEncoder().encode(series), as: UTF8.self),
      ] {
        let rows = try Self.rows(json)
        #expect(rows.map { $0["plan"] as? String } == plans + [nil, nil])
        #expect(rows.allSatisfy { $0.keys.contains("plan") })
        #expect(
          rows.map { $0["is_other"] as? Bool }
            == [nil, nil, nil, nil, nil, nil, nil, true])
        #expect(rows[6]["events"] as? Int == 2 && rows[7]["events"] as? Int == 2)
      }
      let cells = series.csv.components(separatedBy: "\r\n").dropFirst().dropLast().map {
        $0.split(separator: ",", omittingEmptySubsequences: false)[1]
      }
      #expect(
        cells == [
          #"\(none)"#, #"\(other)"#, #"\\(none)"#, #"\(empty)"#, "", "pro", "(none)", "(other)",
        ])
      #expect(series.columns.map(\.name) == ["from", "plan", "events", "users"])
    }
  }

  private static func rows(_ json: String) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return try #require(object?["rows"] as? [[String: Any]])
  }
}
