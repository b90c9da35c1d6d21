import AnalyticsReports
import Foundation
import Testing

@Suite("Series as JSON and CSV")
struct RenderingTests {
  private func series(_ granularity: Granularity) throws -> Series {
    // 2 am occurs twice on this day.
    let start = try Date("2025-11-02T05:00:00Z", strategy: .iso8601)
    var series = Series(
      name: "things", range: start..<start.addingTimeInterval(7200),
      zone: try #require(TimeZone(identifier: "America/New_York")),
      columns: [
        .init(granularity.rawValue, .time(granularity)), .init("service", .text),
        .init("events", .events), .init("success_rate", .ratio), .init("p99_9_ms", .milliseconds),
      ],
      rows: [
        [.instant(start), .text("a,\"b\"\r\n"), .integer(3), .number(0.5), .null],
        [
          .instant(start.addingTimeInterval(3600)), .text(""), .integer(0), .number(1),
          .number(2.25),
        ],
      ], completeUntil: start.addingTimeInterval(3600), warnings: ["so"])
    series.nextPage = .init(parameter: "before", value: "1,x")
    return series
  }

  @Test("CSV has a heading, quotes where needed, and repeated hours with their offset")
  func csv() throws {
    #expect(
      try series(.hour).csv.components(separatedBy: "\r\n") == [
        "hour,service,events,success_rate,p99_9_ms",
        "2025-11-02T01:00:00-04:00,\"a,\"\"b\"\"", "\",3,0.5,",
        "2025-11-02T01:00:00-05:00,,0,1.0,2.25", "",
      ])
    #expect(try series(.day).csv.contains("\r\n2025-11-02,"))
  }

  @Test("JSON has range, zone, columns with units, rows as objects, warnings as notes, next page")
  func json() throws {
    for data in [try JSONEncoder().encode(try series(.hour)), Data(try series(.hour).json.utf8)] {
      try check(data)
    }
  }

  @Test("JSON text equals an encoder's output with any contents, in one line")
  func jsonText() throws {
    var odd = try series(.day)
    odd.name = "\u{0}\u{1f}\"\\/\u{7f}\u{2028}😀é\n\t"
    odd.warnings = ["", odd.name, "two"]
    odd.nextPage = .init(parameter: odd.name, value: odd.name)
    odd.rows.append([.null, .text(odd.name), .integer(.min), .number(-1e300), .number(1e-7)])
    for series in [odd, Series(name: "nothing", columns: [], rows: [])] {
      let encoded = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(series))
      let written = try JSONSerialization.jsonObject(with: Data(series.json.utf8))
      #expect(try #require(encoded as? NSDictionary) == (written as? NSDictionary))
      #expect(!series.json.contains("\n"))
    }
    odd.rows = [[.null, .null, .null, .number(.infinity), .number(.nan)]]
    #expect(odd.json.contains("\"success_rate\":null,\"p99_9_ms\":null}"))
    // The members keep their order.
    #expect(try series(.hour).json.hasPrefix("{\"report\":\"things\",\"from\":\"2025-11-02T01"))
  }

  private func check(_ data: Data) throws {
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["report"] as? String == "things")
    #expect(object["from"] as? String == "2025-11-02T01:00:00-04:00")
    #expect(object["to"] as? String == "2025-11-02T02:00:00-05:00")
    #expect(object["time_zone"] as? String == "America/New_York")
    #expect(object["complete_until"] as? String == "2025-11-02T01:00:00-05:00")
    #expect(object["notes"] as? [String] == ["so"])
    #expect(object["next_page"] as? [String: String] == ["before": "1,x"])
    let columns = object["columns"] as? [[String: String]]
    #expect(columns?.first == ["name": "hour", "unit": "hour"])
    #expect(columns?.last == ["name": "p99_9_ms", "unit": "milliseconds"])
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows[0]["service"] as? String == "a,\"b\"\r\n")
    #expect(rows[0]["events"] as? Int == 3)
    #expect(rows[0]["p99_9_ms"] is NSNull)
    #expect(rows[1]["p99_9_ms"] as? Double == 2.25)
  }
}
