import Analytics
import AnalyticsInterchange
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Logging
import Testing

@testable import AnalyticsCommand

@Suite("From track through a database, export and import into another", .timeLimit(.minutes(60)))
struct TrackedRoundTripTests {
  @Test("any event is the same row at the end, with any contents")
  func anyEvent() async throws {
    var events = RandomEvents(seed: SeededGenerator.seed("tracked round trip"))
    try await ImportDatabase.with { first in
      let accounting = try await Self.track(to: first.url) { client in
        for _ in 0..<800 { events.track(with: client, nearNow: true) }
        // Each distant time needs a partition of its own.
        for _ in 0..<20 { events.track(with: client, nearNow: false) }
        events.trackEdges(with: client)
      }
      #expect(accounting.stored == 820 + RandomEvents.edges)
      #expect(accounting.dropped.isEmpty && accounting.isBalanced)
      #expect(accounting.rejected == [.future: 1])
      try await ImportDatabase.with { second in
        try await withFile([], named: "events.ndjson.gz") { path in
          #expect(try await first.exporting("--output", path).exitCode == 0)
          let (summary, outcome) = try await second.importing("--as-stored", path)
          #expect(
            summary == Summary(lines: accounting.stored, stored: accounting.stored),
            "\(outcome.error)")
        }
        let (before, after) = (try await first.rows, try await second.rows)
        #expect(before.count == after.count)
        for (row, copy) in zip(before, after) where row != copy {
          Issue.record("the row has changed:\n\(row.prefix(2000))\n\(copy.prefix(2000))")
        }
      }
    }
  }

  /// Runs a client with a worker and a spool of its own until all events that `body` tracks are settled.
  private static func track(
    to url: String, _ body: (AnalyticsClient) -> Void
  ) async throws -> EventAccounting {
    try await withFile([]) { file in
      var configuration = AnalyticsConfiguration(
        service: "round \"trip\"", environment: "日本\0",
        buffer: .durable(directory: file + ".spool")
      )
      configuration.privacy = .full
      configuration.acceptsFrom = EventTimestamp.supportedRange.lowerBound
      let sink = try PostgresEventSink(url: url)
      let client = try AnalyticsClient(configuration, sink: sink)
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let worker = Task { try await AnalyticsWorker(client, logger: logger).run() }
      body(client)
      try await client.flush(timeout: .seconds(300))
      worker.cancel()
      try await worker.value
      return client.accounting
    }
  }
}

/// Random events of every kind, with many values that formats handle specially.
private struct RandomEvents {
  private var lines: RandomLines
  private var random: SeededGenerator

  /// How many events ``trackEdges(with:)`` tracks that are stored.
  static let edges = 12

  init(seed: UInt64) {
    lines = RandomLines(random: SeededGenerator(seed: seed))
    random = SeededGenerator(seed: seed ^ 1)
  }

  mutating func track(with client: AnalyticsClient, nearNow: Bool) {
    let now = Int64(Date().timeIntervalSince1970) * 1_000_000
    let range =
      nearNow ? now - 3_600_000_000..<now : -62_135_596_800_000_000..<now - 86_400_000_000
    let time = EventTimestamp(
      microsecondsSinceUnixEpoch: Int64.random(in: range, using: &random))
    let reason: DropReason? =
      switch Int.random(in: 0..<3, using: &random) {
      // The event that `import` reads from a random line. It is an event of the catalogue or a custom one.
      case 0: Self.event(of: lines.line()).flatMap { client.track($0, at: time) }
      case 1: client.track(.custom(dynamic()), at: time)
      default: client.track(nasty(), at: time)
      }
    #expect(reason == nil)
  }

  private static func event(of line: String) -> AnalyticsEvent? {
    Array(line.utf8).withUnsafeBytes { bytes in
      var parser = EventLineParser()
      return try? parser.parse(bytes).event.event
    }
  }

  /// Tracks extreme values, which random events rarely have.
  func trackEdges(with client: AnalyticsClient) {
    func stored(_ type: String, _ value: JSONValue, at time: String = "2026-01-01T00:00:00Z") {
      let event = AnalyticsEvent.custom(DynamicEvent(type: type, fields: ["value": value]))
      #expect(EventTimestamp(rfc3339: time).map { client.track(event, at: $0) } == .some(nil))
    }
    stored("mebibyte", .string(String(repeating: "x", count: 1 << 20)))
    stored("mebibyte of escapes", .string(String(repeating: "\u{1}\"", count: 1 << 18)))
    stored("mebibyte of emoji", .string(String(repeating: "🧪", count: 1 << 18)))
    stored(String(repeating: "n", count: 100), nil)
    stored(String(repeating: "é", count: 50), nil)
    stored("nul \0", ["ke\0y": "va\0lue"])
    stored("deep", (1..<64).reduce([]) { inner, _ in [inner] })
    stored("not finite", [.number(.nan), .number(.infinity), .number(-.infinity)])
    stored("empty key", ["": ["": ""]])
    stored("year 1", nil, at: "0001-01-01T00:00:00Z")
    stored("before 1970", nil, at: "1969-12-31T23:59:59.999999Z")
    stored("before 2000", nil, at: "1999-12-31T23:59:59.999999Z")
    // This event is far ahead of the database's clock, so it is tracked but rejected.
    stored("year 9999", nil, at: "9999-12-31T23:59:59.999999Z")
  }

  private mutating func dynamic() -> DynamicEvent {
    var fields = JSONObject()
    for _ in 0..<Int.random(in: 0...5, using: &random) { fields[text()] = json(depth: 4) }
    for column in ["type", "user_id", "service"] { fields[column] = nil }
    return DynamicEvent(
      type: "dynamic " + String(text().prefix(8)),
      userID: Bool.random(using: &random) ? random.uuid() : nil,
      service: Bool.random(using: &random) ? "s" + String(text().prefix(8)) : nil, fields: fields)
  }

  private mutating func nasty() -> NastyEvent {
    NastyEvent(
      userID: Bool.random(using: &random) ? random.uuid() : nil, text: text(),
      integer: Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<64, using: &random),
      number: number(), json: json(depth: 3), isTrue: Bool.random(using: &random))
  }

  private mutating func number() -> Double {
    let edges: [Double] = [
      .nan, .infinity, -.infinity, -0.0, 0, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
      .leastNormalMagnitude, 0.1, 1e21, 1e-7, 0x1p53, Double(bitPattern: random.next()),
    ]
    return edges.randomElement(using: &random) ?? 0
  }

  private mutating func text() -> String {
    let scalars: [Unicode.Scalar] = [
      "\0", "\u{1}", "\u{1f}", " ", "\"", "\\", "/", "\u{7f}", "\u{80}", "é", "\u{2028}",
      "\u{FEFF}",
      "\u{FFFD}", "\u{FFFE}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "🧪", "日", "\n", "\r", "\t", "{",
      "}", "x", "'", "u",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      text.append(scalars.randomElement(using: &random) ?? "x")
    }
    return String(text)
  }

  private mutating func json(depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64(bitPattern: random.next()))
    case 3: return .number(number())
    case 4, 5: return .string(text())
    case 6:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in json(depth: depth - 1) })
    default:
      var fields = JSONObject()
      for _ in 0..<Int.random(in: 0...4, using: &random) { fields[text()] = json(depth: depth - 1) }
      return .object(fields)
    }
  }
}

/// An application's own event with fields of every kind. One of the fields occurs twice.
private struct NastyEvent: TrackableEvent {
  static let eventType: StaticString = "nasty"
  var userID: UUID?
  var text: String
  var integer: Int
  var number: Double
  var json: JSONValue
  var isTrue: Bool

  func encode(to fields: inout EventFields) {
    fields.add("text", text)
    fields.add("integer", integer)
    fields.add("number", number)
    fields.add("json", json)
    fields.add("is_true", isTrue)
    fields.add("user", userID)
    fields.add("twice", 1)
    fields.add("twice", text)
  }
}
