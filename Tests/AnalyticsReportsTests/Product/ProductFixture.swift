import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation

/// An event as product reports see it.
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

  /// The order that reports speak of: bytes of a UUID compare as PostgreSQL compares them.
  static func precedes(_ left: ProductEvent, _ right: ProductEvent) -> Bool {
    (left.time, left.id.uuidString) < (right.time, right.id.uuidString)
  }

  var date: Date { Date(timeIntervalSince1970: Double(time) / 1_000_000) }
}

extension ReportFixture {
  /// Stores by plain SQL: the rollups have to be right whoever inserts.
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

/// Events of a few users over five weeks in which clocks change in New York (8 March 2026) and on
/// the Chathams (5 April), many at the same instant.
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
    // Some users come late, and some seldom.
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

/// The local day, week or month that an instant lies in, numbered without gaps: by the calendar's
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
  /// Stores an event a second, each of a user of its own, by plain SQL.
  ///
  /// - Parameter data: A JSON object each.
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

  /// What the catalogue's report of this name says of the five weeks of ``ProductEvents``.
  func report(_ name: String, _ parameters: [String: [String]]) async throws -> Series {
    let standard = ["from": ["2026-03-05"], "to": ["2026-04-10"], "by": ["total"]]
    let known = ReportCatalogue.standard.reports.first { $0.name == name }?.parameters ?? []
    let names = Set(known.map(\.name))
    let said = parameters.merging(standard.filter { names.contains($0.key) }) { said, _ in said }
    return try await ReportCatalogue.standard.report(name, ReportParameters(said))
      .series(from: database)
  }

  /// The line with which a report is refused, and the parameter that it names; `nil` if it is not.
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
