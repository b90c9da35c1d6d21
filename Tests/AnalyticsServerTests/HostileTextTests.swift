import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

/// Routes output stored texts. In every output they must stay text, whatever they contain.
@Suite("Hostile texts", .timeLimit(.minutes(60)))
struct HostileTextTests {
  private static let texts = JoinedTexts.texts(bytesMax: 90)
  private static let start = TestClock.now.addingTimeInterval(-3600)

  /// The requests to pages and API whose answers repeat their parameters.
  private static func reflecting(_ text: String) -> [String] {
    let value = encoded(text)
    return [
      "\(DashboardRoutes.explorePath)?event=\(value)&property=\(value)&where=\(value)%3D\(value)",
      "\(DashboardRoutes.explorePath)?step=\(value)&step=\(value)",
      "\(DashboardRoutes.timelinePath)?user=\(value)", "/sign-in?to=\(value)",
      "\(DashboardPage.root)?tz=\(value)", "\(DashboardPage.root)?range=\(value)",
    ]
  }

  private static func encoded(_ text: String) -> String {
    text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test("add no tag and no attribute to any page, whether stored or in a request")
  func pages() async throws {
    // The tags and attributes of our own pages.
    var known = (tags: Set<String>(), attributes: Set<String>())
    try await ServerFixture.with { fixture in
      try await fixture.store(JoinedTexts.events(["plain", "text"], from: Self.start))
      known = try await fixture.serve { client in
        var known = (tags: Set<String>(), attributes: Set<String>())
        for path in DashboardTests.paths + Self.reflecting("plain") {
          let page = TagReader(Array((try await client.get(path)).data))
          known.tags.formUnion(page.tags)
          known.attributes.formUnion(page.attributes)
        }
        return known
      }
    }
    try #require(known.tags.isSuperset(of: ["table", "svg", "form", "input"]))
    let harmless = known
    try await ServerFixture.with { fixture in
      try await fixture.store(JoinedTexts.events(Self.texts, from: Self.start))
      try await fixture.serve { client in
        var shown = 0
        let asked = Self.texts.flatMap(Self.reflecting)
        for path in DashboardTests.paths + asked {
          let answer = try await client.get(path)
          #expect(answer.status.code < 500, "\(path)")
          let page = TagReader(Array(answer.data))
          guard answer.headers[.contentType]?.utf8.starts(with: "text/html".utf8) == true else {
            continue
          }
          #expect(page.tags.subtracting(harmless.tags) == [], "\(path)")
          #expect(page.attributes.subtracting(harmless.attributes) == [], "\(path)")
          // Pages contain no control characters, so the comparison counts only texts without them.
          shown += Self.texts.count { text in
            text.utf8.allSatisfy { $0 >= 32 } && page.content.contains(text.utf8)
          }
        }
        #expect(shown > 100, "the pages contain the stored texts")
      }
    }
  }

  @Test("the sign-in of an error page redirects to no other host")
  func storedMarkup() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store([
        .ago(
          60,
          .applicationError(
            service: "web", errorType: "\u{600}<h1 id=pwned\u{600}>Over\u{600}</h1\u{600}>",
            errorMessage:
              "\u{600}<meta http-equiv=refresh content=0;url=http://127.0.0.1/ x=\u{600}>"
          ))
      ])
      try await fixture.serve { client in
        let page = Array((try await client.get("/dashboard/errors")).data)
        let found = ["pwned", "<h1 id", "<meta http-equiv"].map { page.contains($0.utf8) }
        #expect(found == [true, false, false])
      }
    }
  }

  @Test("are cells of CSV and strings of JSON, with the bytes that are stored")
  func data() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(JoinedTexts.events(Self.texts, from: Self.start))
      let database = try ReportDatabase(AnalyticsDatabase(url: fixture.url))
      try await fixture.serve { client in
        for type in ReportCatalogue.standard.reports {
          let query = ReportRouteTests.needed(by: type.name)
          let given = try QueryItems(String(query.dropFirst())).values
          let series = try await ReportCatalogue.standard.report(
            type.name, ReportParameters(given, now: TestClock.now)
          ).series(from: database)
          let hasPartialColumn = series.frame.map { $0.granularity != .total } ?? false
          let expected = series.rows.map { row in
            zip(row, series.columns).map { (series.text($0, in: $1) ?? "").bytes }
              + (hasPartialColumn ? [(series.partial(row)?.rawValue ?? "").bytes] : [])
          }
          let csv = try await client.get("/api/v1/reports/\(type.name).csv\(query)")
          let cells = CSVReader.rows(csv.data)
          let heading = series.columns.map(\.name) + (hasPartialColumn ? ["partial"] : [])
          #expect(cells.first == heading.map(\.bytes), "\(type.name)")
          #expect(Array(cells.dropFirst()) == expected, "\(type.name)")
          let json = try await client.get("/api/v1/reports/\(type.name)\(query)")
          let rows = try #require(json.object["rows"] as? [[String: Any]], "\(type.name)")
          for (index, column) in series.columns.enumerated() where column.unit == .text {
            let texts = rows.map { ($0[column.name] as? String ?? "").bytes }
            #expect(texts == expected.map { $0[index] }, "\(type.name) \(column.name)")
          }
        }
      }
    }
  }

  @Test("are values of labels in /metrics, one line each")
  func metrics() async throws {
    try await ServerFixture.with { fixture in
      _ = try await fixture.connection.query(
        """
        SELECT analytics_add_usage(gen_random_uuid(), 1, 0, $1, $1,
                                   array_fill(5::bigint, ARRAY[cardinality($1)]), '{}', '{}', '{}')
        """, [.textArray(Self.texts)])
      try await fixture.serveWithGauges { client in
        for accept in ["text/plain", "application/openmetrics-text"] {
          let answer = try await client.get("/metrics", [.accept: accept])
          let samples = try MetricLines(answer.data).samples
          let usage = samples.filter { $0.name == "analytics_usage_open_period" }
          #expect(Set(usage.map { $0.labels["name"] ?? [] }) == Set(Self.texts.map(\.bytes)))
          #expect(Set(usage.map { $0.labels["kind"] ?? [] }) == Set(Self.texts.map(\.bytes)))
          #expect(usage.count == Self.texts.count)
          #expect(usage.allSatisfy { $0.value == "5" })
        }
      }
    }
  }

  @Test("do not reach headers, and a sign-in redirects to this server only")
  func headers() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve { client in
        for text in JoinedTexts.pairs.filter({ $0.utf8.allSatisfy { $0 >= 32 && $0 != 127 } }) {
          let to = Self.encoded("//\(text)evil.example/\\\(text)")
          let answer = try await client.send(
            .post, "/sign-in", [.contentType: "application/x-www-form-urlencoded"],
            body: "key=\(key.text)&to=\(to)")
          #expect(answer.status == .seeOther)
          #expect(answer.headers[.location] == DashboardPage.root, "\(text.debugDescription)")
        }
      }
    }
  }
}

extension Collection<UInt8> {
  /// Whether these bytes contain those of a text.
  fileprivate func contains(_ wanted: String.UTF8View) -> Bool {
    guard let first = wanted.first else { return true }
    var rest = self[...]
    while let place = rest.firstIndex(of: first) {
      if rest[place...].starts(with: wanted) { return true }
      rest = rest[rest.index(after: place)...]
    }
    return false
  }
}

/// Reads the text formats of Prometheus byte by byte. Every line except comments is a sample.
private struct MetricLines {
  struct Sample {
    var name: String
    var labels: [String: [UInt8]]
    var value: String
  }

  private(set) var samples: [Sample] = []
  private var rest: ArraySlice<UInt8>

  init(_ data: Data) throws {
    rest = Array(data)[...]
    while !rest.isEmpty {
      if rest.first == UInt8(ascii: "#") { _ = take(until: "\n") } else { try readSample() }
      try pass("\n")
    }
  }

  private mutating func pass(_ character: Unicode.Scalar) throws {
    let byte = rest.popFirst()
    try #require(byte == UInt8(ascii: character))
  }

  private mutating func take(until end: String) -> String {
    let taken = rest.prefix { !end.utf8.contains($0) }
    rest = rest.dropFirst(taken.count)
    return String(decoding: taken, as: UTF8.self)
  }

  private mutating func readSample() throws {
    let name = take(until: "{ \n")
    try #require(name.wholeMatch(of: #/[a-zA-Z_:][a-zA-Z0-9_:]*/#) != nil, "\(name)")
    var labels: [String: [UInt8]] = [:]
    if rest.first == UInt8(ascii: "{") {
      repeat {
        rest = rest.dropFirst()
        let label = take(until: "=\n")
        try #require(rest.starts(with: "=\"".utf8), "\(name) \(label)")
        rest = rest.dropFirst(2)
        labels[label] = try readValue()
      } while rest.first == UInt8(ascii: ",")
      try pass("}")
    }
    try pass(" ")
    let value = take(until: "\n")
    try #require(Double(value) != nil || value == "+Inf" || value == "NaN", "\(name) \(value)")
    samples.append(Sample(name: name, labels: labels, value: value))
  }

  private mutating func readValue() throws -> [UInt8] {
    var value: [UInt8] = []
    while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
      try #require(byte != UInt8(ascii: "\n"))
      guard byte == UInt8(ascii: "\\") else {
        value.append(byte)
        continue
      }
      let next = rest.popFirst()
      let escaped = try #require(next)
      value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
    }
    return value
  }
}
