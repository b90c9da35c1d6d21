import Analytics
import AnalyticsConnections
import AnalyticsReports
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Reports over HTTP", .timeLimit(.minutes(60)))
struct ReportRouteTests {
  /// The required parameters of a report.
  static func needed(by report: String) -> String {
    switch report {
    case "timeline": "?user=\(SomeEvents.ada.uuidString)"
    case "breakdown": "?event=task_created"
    case "funnel": "?step=task_created&step=task_completed"
    default: ""
    }
  }

  @Test("each report of the catalogue answers as it does in process")
  func sameAsInProcess() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      let database = try ReportDatabase(AnalyticsDatabase(url: fixture.url))
      try await fixture.serve { client in
        for type in ReportCatalogue.standard.reports {
          let query = Self.needed(by: type.name)
          let answer = try await client.get("/api/v1/reports/\(type.name)\(query)")
          #expect(answer.status == .ok, "\(type.name) \(answer.text)")
          let given = try QueryItems(String(query.dropFirst())).values
          let report = try ReportCatalogue.standard.report(
            type.name, ReportParameters(given, now: TestClock.now))
          let series = try await report.series(from: database)
          var encoded =
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(series))
            as? [String: Any] ?? [:]
          var object = answer.object
          // The two reads have different times.
          encoded["complete_until"] = object["complete_until"]
          #expect(object.removeValue(forKey: "total_rows") as? Int == series.rows.count)
          #expect(NSDictionary(dictionary: object) == NSDictionary(dictionary: encoded))
          let csv = try await client.get("/api/v1/reports/\(type.name).csv\(query)")
          #expect(csv.text == series.csv, "\(type.name)")
        }
      }
    }
  }

  @Test("the list contains all reports, and says which parameters are required")
  func list() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let reports = try await client.get("/api/v1/reports").rows
        let names = reports.compactMap { $0["name"] as? String }
        #expect(names == ReportCatalogue.standard.reports.map { $0.name })
        var required: [String: [String]] = [:]
        for report in reports {
          let name = try #require(report["name"] as? String)
          for parameter in report["parameters"] as? [[String: Any]] ?? [] {
            let isRequired = parameter["required"] as? Bool
            #expect(isRequired != nil, "\(name)")
            guard isRequired == true else { continue }
            required[name, default: []].append(parameter["name"] as? String ?? "")
          }
        }
        #expect(required == ["breakdown": ["event"], "funnel": ["step"], "timeline": ["user"]])
      }
    }
  }

  @Test("days are those of the server's time zone, unless a request names another")
  func zone() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve(.router) { configuration in
        configuration.zone = TimeZone(identifier: "Asia/Kathmandu") ?? .gmt
      } _: { client in
        let path = "/api/v1/reports/tasks?from=2026-05-01&to=2026-05-02"
        #expect(try await client.get(path).object["from"] as? String == "2026-05-01T00:00:00+05:45")
        let other = try await client.get(path + "&tz=UTC").object
        #expect(other["from"] as? String == "2026-05-01T00:00:00Z")
      }
    }
  }

  @Test("long lists are split into pages")
  func pages() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        var path: String? = "/api/v1/reports/tasks?from=2026-01-01&to=2026-01-08&limit=3"
        var days: [String] = []
        var pages = 0
        while let next = path, pages < 10 {
          let answer = try await client.get(next)
          let rows = answer.object["rows"] as? [[String: Any]] ?? []
          days += rows.compactMap { $0["day"] as? String }
          #expect(answer.object["total_rows"] as? Int == 7)
          path = answer.nextPage
          pages += 1
        }
        #expect(pages == 3 && days == (1...7).map { "2026-01-0\($0)" })
      }
    }
  }

  private static func ids(_ answer: TestResponse) -> [String] {
    (answer.object["rows"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
  }

  @Test("the next page of a timeline is in the JSON and in the Link header")
  func timeline() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let query = "\(Self.needed(by: "timeline"))&from=2026-05-01"
        let path = "/api/v1/reports/timeline\(query)"
        let whole = try await client.get(path)
        #expect(Self.ids(whole).count == 2)
        #expect(whole.object["next_page"] == nil && whole.headers[.link] == nil)
        var answer = try await client.get(path + "&limit=1")
        var found = Self.ids(answer)
        while let next = answer.object["next_page"] as? [String: String], found.count < 3 {
          let key = try #require(next["before"])
          #expect(next.count == 1)
          let link = try #require(answer.nextPage)
          answer = try await client.get("\(path)&limit=1&before=\(key)")
          #expect(Self.ids(try await client.get(link)) == Self.ids(answer), "\(link)")
          found += Self.ids(answer)
        }
        #expect(found == Self.ids(whole) && answer.headers[.link] == nil)
        let csv = try await client.get("/api/v1/reports/timeline.csv\(query)&limit=1")
        let link = try #require(csv.nextPage)
        #expect(link.hasPrefix("/api/v1/reports/timeline.csv?before="))
        #expect(try await client.get(link).text.split(separator: "\r\n").count == 2)
      }
    }
  }

  @Test("the next page of an ended range is in each answer: computed, cached or not modified")
  func endedTimeline() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        // The range ended at 20:00 UTC, and now is 20:26:40.
        let range = "&from=2026-05-01T00:00:00%2B05:45&to=2026-05-29T01:45:00%2B05:45"
        let path =
          "/api/v1/reports/timeline\(Self.needed(by: "timeline"))\(range)&tz=Asia/Kathmandu"
        let whole = try await client.get(path)
        #expect(Self.ids(whole).count == 2 && whole.nextPage == nil)
        let first = try await client.get(path + "&limit=1")
        let link = try #require(first.nextPage)
        let tag = try #require(first.headers[.eTag])
        let again = try await client.get(path + "&limit=1")
        #expect(again.text == first.text && again.nextPage == link)
        let known = try await client.get(path + "&limit=1", [.ifNoneMatch: tag])
        #expect(known.status == .notModified && known.nextPage == link)
        let second = try await client.get(link)
        #expect(Self.ids(first) + Self.ids(second) == Self.ids(whole), "\(link)")
        #expect(second.nextPage == nil)
        #expect(second.object["from"] as? String == "2026-05-01T00:00:00+05:45")
        #expect(second.object["to"] as? String == "2026-05-29T01:45:00+05:45")
      }
    }
  }

  @Test("the next page has the same filter, repeated and with any character")
  func filteredPages() async throws {
    try await ServerFixture.with { fixture in
      let created = AnalyticsEvent.taskCreated(
        taskID: UUID(), userID: SomeEvents.ada, command: "ls")
      try await fixture.store(
        ["büro", "a&b +c", "elsewhere"].map { .ago(5 * 86_400, created, environment: $0) })
      try await fixture.serve { client in
        let path = "/api/v1/reports/tasks?from=2026-05-20&to=2026-05-27&limit=3"
        let first = try await client.get(path + "&environment=b%C3%BCro&environment=a%26b+%2Bc")
        let second = try await client.get(try #require(first.nextPage))
        let rows = try #require(second.object["rows"] as? [[String: Any]])
        let days = ["2026-05-23", "2026-05-24", "2026-05-25"]
        #expect(rows.compactMap { $0["day"] as? String } == days)
        #expect(rows.first?["created"] as? Int == 2, "\(second.text)")
      }
    }
  }

  @Test("answers are compressed for clients that accept it")
  func gzip() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let path = "/api/v1/reports/tasks?from=2026-01-01&to=2026-03-01"
        let plain = try await client.get(path)
        #expect(plain.headers[.contentEncoding] == nil)
        for accepted in ["gzip", "br, gzip;q=0.5", "*"] {
          let answer = try await client.get(path, [.acceptEncoding: accepted])
          #expect(answer.headers[.contentEncoding] == "gzip", "\(accepted)")
          #expect(answer.data.count < plain.data.count / 4)
          #expect(answer.headers[.contentLength] == String(answer.data.count))
          #expect(try Gunzip.text(of: answer.data) == plain.text)
        }
        for refused in ["identity", "gzip;q=0", "br"] {
          let answer = try await client.get(path, [.acceptEncoding: refused])
          #expect(answer.headers[.contentEncoding] == nil, "\(refused)")
        }
        // This answer is too small to be compressed.
        let small = try await client.get("/health", [.acceptEncoding: "gzip"])
        #expect(small.headers[.contentEncoding] == nil)
      }
    }
  }

  @Test("a HEAD request gets only the headers")
  func head() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let answer = try await client.send(
          .head, "/api/v1/reports/tasks?from=2026-01-01&to=2026-01-08")
        #expect(answer.status == .ok && answer.data.count == 0)
        #expect((answer.headers[.contentLength].flatMap { Int($0) } ?? 0) > 100)
      }
    }
  }
}
