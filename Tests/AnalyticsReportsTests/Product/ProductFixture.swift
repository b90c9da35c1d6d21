import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation

/// An event for recomputations of product reports.
struct ProductEvent: Hashable {
  var id: UUID
  /// Microseconds since 1970.
  var time: Int64
  var type: String
  var user: UUID?
  var service = "web"
  var environment: String?
  var hostname: String?
  var fields: [String: String] = [:]

  /// The order of events in reports. The bytes of UUIDs are compared as PostgreSQL compares them.
  static func precedes(_ left: ProductEvent, _ right: ProductEvent) -> Bool {
    (left.time, left.id.uuidString) < (right.time, right.id.uuidString)
  }

  var date: Date { Date(timeIntervalSince1970: Double(time) / 1_000_000) }
}

extension ReportFixture {
  /// Stores events with plain SQL, because rollups must be correct for every writer.
  func store(_ events: [ProductEvent]) async throws {
    func timestamps(_ events: [ProductEvent]) -> PostgresParameter {
      .timestamptzArray(microseconds: events.map { $0.time - 946_684_800_000_000 })
    }
    _ = try await connection.query(
      "SELECT FROM analytics_ensure_partitions($1)", [timestamps(events)])
    let data = try events.map { event in
      String(decoding: try JSONEncoder().encode(event.fields), as: UTF8.self)
    }
    _ = try await connection.query(
      """
      INSERT INTO analytics_events
          (id, timestamp, event_type, service, user_id, hostname, environment, data)
      SELECT id, timestamp, type, service, nullif(u, '')::uuid, nullif(host, ''), nullif(env, ''),
             data::jsonb
      FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                  $7::text[], $8::text[])
          AS event (id, timestamp, type, service, u, host, env, data)
      """,
      [
        .uuidArray(events.map(\.id)), timestamps(events), .textArray(events.map(\.type)),
        .textArray(events.map(\.service)), .textArray(events.map { $0.user?.uuidString ?? "" }),
        .textArray(events.map { $0.hostname ?? "" }),
        .textArray(events.map { $0.environment ?? "" }), .textArray(data),
      ])
  }
}

/// Events of a few users over five weeks, many at the same instant. Clocks change in New York on 8 March 2026 and on
/// the Chatham Islands on 5 April.
struct ProductEvents {
  private var random: SeededGenerator
  let users: [UUID]
  static let start = Date(timeIntervalSince1970: 1_772_668_800)
  static let days = 36

  init(_ random: SeededGenerator, users count: Int = 25) {
    var random = random
    users = (0..<count).map { _ in random.uuid() }
    self.random = random
  }

  mutating func events(_ count: Int, days: Int = ProductEvents.days) -> [ProductEvent] {
    (0..<count).map { _ in event(days: days) }
  }

  private mutating func event(days: Int) -> ProductEvent {
    let quarter = Int64.random(in: 0..<Int64(days) * 96, using: &random)
    let offset: Int64 =
      Bool.random(using: &random) ? 0 : Int64.random(in: 0..<900_000_000, using: &random)
    var fields: [String: String] = [:]
    if let plan = [nil, "free", "pro", "team", "", "früh"].randomElement(using: &random) ?? nil {
      fields["plan"] = plan
    }
    fields["step"] = ["1", "2"].randomElement(using: &random)
    // Some users come late, and some rarely.
    let index = min(
      Int.random(in: 0..<users.count, using: &random),
      Int.random(in: 0..<users.count, using: &random))
    return ProductEvent(
      id: random.uuid(),
      time: Int64(Self.start.timeIntervalSince1970) * 1_000_000 + quarter * 900_000_000 + offset,
      type: ["viewed", "carted", "bought", "left"].randomElement(using: &random) ?? "",
      user: Int.random(in: 0..<8, using: &random) == 0 ? nil : users[index],
      service: ["web", "mobile"].randomElement(using: &random) ?? "",
      environment: [nil, "production", "staging"].randomElement(using: &random) ?? nil,
      fields: fields)
  }
}

/// The number of the local day, week or month of an instant. Numbers are consecutive, and computed with the calendar's
/// components alone.
func periodNumber(_ date: Date, _ granularity: Granularity, in zone: TimeZone) -> Int {
  var calendar = Calendar(identifier: .gregorian)
  calendar.timeZone = zone
  let parts = calendar.dateComponents([.year, .month, .day], from: date)
  calendar.timeZone = .gmt
  let midnight = calendar.date(from: parts) ?? .distantPast
  let day = Int((midnight.timeIntervalSince1970 / 86_400).rounded())
  switch granularity {
  // 1 January 1970 was a Thursday.
  case .week: return Int((Double(day + 3) / 7).rounded(.down))
  case .month: return (parts.year ?? 0) * 12 + (parts.month ?? 0)
  default: return day
  }
}

let productZones = [
  "UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham",
]

extension ReportFixture {
  /// Stores events with plain SQL, one a second, each of another user.
  ///
  /// - Parameter data: A JSON object for each event.
  func store(_ type: String, _ data: [String], from start: Date = ProductEvents.start) async throws
  {
    _ = try await connection.query(
      "SELECT FROM analytics_ensure_partitions(ARRAY[$1::timestamptz])", [.timestamptz(start)])
    _ = try await connection.query(
      """
      INSERT INTO analytics_events (id, timestamp, event_type, service, user_id, environment, data)
      SELECT gen_random_uuid(), $1::timestamptz + number * interval '1 second', $2, 'web',
             gen_random_uuid(), 'production', data::jsonb
      FROM unnest($3::text[]) WITH ORDINALITY AS event (data, number)
      """, [.timestamptz(start), .text(type), .textArray(data)])
  }

  /// The catalogue's report of this name over the five weeks of ``ProductEvents``.
  func report(_ name: String, _ parameters: [String: [String]]) async throws -> Series {
    let standard = ["from": ["2026-03-05"], "to": ["2026-04-10"], "by": ["total"]]
    let known = ReportCatalogue.standard.reports.first { $0.name == name }?.parameters ?? []
    let names = Set(known.map(\.name))
    let said = parameters.merging(standard.filter { names.contains($0.key) }) { said, _ in said }
    return try await ReportCatalogue.standard.report(name, ReportParameters(said))
      .series(from: database)
  }

  /// The line with which a report is refused, and the parameter that the line names; `nil` if it is not refused.
  func refusal(
    _ name: String, _ parameters: [String: [String]]
  ) async throws -> (line: String, parameter: String?)? {
    do {
      _ = try await report(name, parameters)
      return nil
    } catch let error as ReportError where error.code == .invalidParameter {
      return (error.description, error.parameter)
    }
  }
}
