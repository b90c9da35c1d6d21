import AnalyticsConnections
import AnalyticsReports
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Reports over HTTP", .timeLimit(.minutes(60)))
struct ReportRouteTests {
  /// What a report cannot do without.
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
          // The instants of two reads.
          encoded["complete_until"] = object["complete_until"]
          #expect(object.removeValue(forKey: "total_rows") as? Int == series.rows.count)
          #expect(NSDictionary(dictionary: object) == NSDictionary(dictionary: encoded))
          let csv = try await client.get("/api/v1/reports/\(type.name).csv\(query)")
          #expect(csv.text == series.csv, "\(type.name)")
        }
      }
    }
  }

  @Test("the list says which reports there are")
  func list() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let names = try await client.get("/api/v1/reports").rows.compactMap {
          $0["name"] as? String
        }
        #expect(names == ReportCatalogue.standard.reports.map { $0.name })
      }
    }
  }

  @Test("days are those of the server's time zone, unless a request says another")
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

  @Test("long lists come in pages")
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
          path = answer.headers[.link]?.firstMatch(of: #/<(.*)>; rel="next"/#).map {
            String($0.1)
          }
          pages += 1
        }
        #expect(pages == 3 && days == (1...7).map { "2026-01-0\($0)" })
      }
    }
  }

  @Test("answers are compressed for who takes that")
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
        // Too small to be worth it.
        let small = try await client.get("/health", [.acceptEncoding: "gzip"])
        #expect(small.headers[.contentEncoding] == nil)
      }
    }
  }

  @Test("a HEAD request gets the headers alone")
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
