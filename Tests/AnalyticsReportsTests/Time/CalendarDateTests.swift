import AnalyticsPostgres
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

/// Zones whose calendars skipped or repeated a day, with that day.
private let zonesThatMovedTheirDate: [(String, String?)] = [
  ("Pacific/Apia", "2011-12-30"), ("Pacific/Apia", "1892-07-04"),
  ("Pacific/Fakaofo", "2011-12-30"), ("Pacific/Kwajalein", "1969-09-30"),
  ("Pacific/Kwajalein", "1993-08-21"), ("Pacific/Enderbury", "1994-12-31"),
  ("Pacific/Kiritimati", "1994-12-31"), ("Pacific/Pago_Pago", "1892-07-04"),
  ("Asia/Manila", "1844-12-31"), ("Pacific/Guam", "1844-12-31"), ("America/Juneau", "1867-10-18"),
  ("America/Anchorage", "1867-10-18"), ("America/Sitka", "1867-10-18"),
]

@Suite("Days, weeks and months of a zone", .timeLimit(.minutes(60)))
struct CalendarDateTests {
  @Test(
    "weeks begin on Monday, also after a day that the zone skipped or repeated",
    arguments: zonesThatMovedTheirDate)
  func mondays(name: String, day: String?) throws {
    let zone = try #require(TimeZone(identifier: name))
    let moved = try Date(#require(day) + "T00:00:00Z", strategy: .iso8601)
    // The ranges begin some weeks before the day or after it, and end years later.
    for from in [-40.0, -3, 1] {
      let frame = try TimeFrame(
        from: moved.addingTimeInterval(from * 86_400),
        to: moved.addingTimeInterval(900 * 86_400), by: .week, in: zone)
      for bucket in frame.buckets {
        let start = LocalTime(bucket.start, in: zone)
        #expect(start.weekday == 1, "\(name) \(start.text)")
      }
    }
  }

  @Test("a skipped day has no row, and a repeated day has one row")
  func days() throws {
    func days(_ name: String, _ from: String, _ to: String) throws -> [String] {
      let zone = try #require(TimeZone(identifier: name))
      return try TimeFrame(
        from: Date(from + "T12:00:00Z", strategy: .iso8601),
        to: Date(to + "T12:00:00Z", strategy: .iso8601), by: .day, in: zone
      ).buckets.map { LocalTime($0.start, in: zone).dayText }
    }
    #expect(
      try days("Pacific/Apia", "2011-12-29", "2012-01-01")
        == ["2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"])
    #expect(
      try days("Pacific/Apia", "1892-07-03", "1892-07-06")
        == ["1892-07-04", "1892-07-05", "1892-07-06"])
    #expect(
      try days("Pacific/Kwajalein", "1969-09-29", "1969-10-02")
        == ["1969-09-29", "1969-09-30", "1969-10-01"])
  }

  @Test("the days before 1582 are those of the Gregorian calendar, as in PostgreSQL")
  func proleptic() throws {
    let zone = try #require(TimeZone(identifier: "UTC"))
    let from = Date(timeIntervalSince1970: -12_219_292_800 - 20 * 86_400)
    let frame = try TimeFrame(
      from: from, to: from.addingTimeInterval(40 * 86_400), by: .day, in: zone)
    #expect(frame.buckets.count == 40)
    #expect(LocalTime(frame.buckets[0].start, in: zone).dayText == "1582-09-25")
    #expect(LocalTime(frame.buckets[19].start, in: zone).dayText == "1582-10-14")
    #expect(LocalTime(frame.buckets[20].start, in: zone).dayText == "1582-10-15")
    let months = try TimeFrame(
      from: from, to: from.addingTimeInterval(40 * 86_400), by: .month, in: zone)
    #expect(
      months.buckets.map { LocalTime($0.start, in: zone).dayText }
        == ["1582-09-01", "1582-10-01", "1582-11-01"])
  }

  /// A bucket, and an instant in the bucket.
  private struct Question {
    var zone: TimeZone
    var granularity: Granularity
    var start: Date
    var instant: Date
  }

  @Test("buckets equal those of PostgreSQL's date_trunc on the zone's clock, in any zone")
  func asPostgreSQLHasThem() async throws {
    var random = SeededGenerator.printingSeed()
    try await withTestDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let known = Set(
        try await connection.query("SELECT name FROM pg_timezone_names").map {
          try $0.decode(String.self, at: 0)
        })
      let moved = zonesThatMovedTheirDate.filter { known.contains($0.0) }
      let names = TimeZone.knownTimeZoneIdentifiers.filter { known.contains($0) }
      var questions: [Question] = []
      for _ in 0..<300 {
        questions += try Self.questions(
          random.chance(0.5) ? random.pick(moved) : (random.pick(names), nil), &random)
      }
      let compared = try await compare(questions, on: connection, seed: random.seed)
      // The other questions are about clocks that differ in two versions of the time zone data.
      #expect(
        compared > questions.count / 2,
        "\(compared) of \(questions.count), seed \(random.seed)")
      await connection.close()
    }
  }

  /// Questions about a zone, near a given day or at a random time.
  private static func questions(
    _ place: (name: String, day: String?), _ random: inout SeededGenerator
  ) throws -> [Question] {
    let zone = try #require(TimeZone(identifier: place.name))
    let around =
      try place.day.map { try Date($0 + "T00:00:00Z", strategy: .iso8601) }
      ?? Date(timeIntervalSince1970: Double(random.below(1_700_000_000)))
    let from = around.addingTimeInterval(-Double(random.below(40 * 86_400)))
    let granularity = random.pick([Granularity.day, .week, .month])
    let frame = try TimeFrame(
      from: from, to: from.addingTimeInterval(80 * 86_400), by: granularity, in: zone)
    return (0..<20).map { _ in
      let bucket = random.pick(frame.buckets)
      let length = bucket.range.upperBound.timeIntervalSince(bucket.range.lowerBound)
      let instant = bucket.range.lowerBound.addingTimeInterval(Double(random.below(Int(length))))
      return Question(
        zone: zone, granularity: granularity, start: bucket.start, instant: instant)
    }
  }

  /// - Returns: How many buckets could be compared.
  private func compare(
    _ questions: [Question], on connection: PostgresConnection, seed: UInt64
  ) async throws -> Int {
    let rows = try await connection.query(
      """
      SELECT q.instant AT TIME ZONE zone = clock::timestamp
                 AND q.start AT TIME ZONE zone = start_clock::timestamp AS has_same_clock,
             -- A clock that goes back over midnight shows a day twice; a row has it once.
             EXISTS (SELECT FROM generate_series(0, 100) AS half
                     WHERE ((q.instant + half * interval '30 minutes') AT TIME ZONE zone)::date
                             < (q.instant AT TIME ZONE zone)::date) AS comes_again,
             date_trunc(unit, q.instant AT TIME ZONE zone)
                 = date_trunc(unit, q.start AT TIME ZONE zone) AS is_same,
             date_trunc(unit, (q.start - interval '1 microsecond') AT TIME ZONE zone)
                 <> date_trunc(unit, q.start AT TIME ZONE zone) AS begins,
             q.zone || ' ' || unit || ' ' || q.instant::text AS comment
      FROM unnest($1::timestamptz[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
                  $6::text[]) AS q (instant, start, zone, unit, clock, start_clock)
      """,
      [
        .timestamptzArray(questions.map(\.instant)), .timestamptzArray(questions.map(\.start)),
        .textArray(questions.map(\.zone.identifier)),
        .textArray(questions.map(\.granularity.rawValue)),
        .textArray(questions.map { Self.clock($0.instant, $0.zone) }),
        .textArray(questions.map { Self.clock($0.start, $0.zone) }),
      ])
    var compared = 0
    for row in rows where try row.decode(Bool.self, "has_same_clock") {
      guard try !row.decode(Bool.self, "comes_again") else { continue }
      compared += 1
      let comment: Comment = "\(try row.decode(String.self, "comment")), seed \(seed)"
      #expect(try row.decode(Bool.self, "is_same"), comment)
      #expect(try row.decode(Bool.self, "begins"), comment)
    }
    return compared
  }

  /// The time on the clock, without the offset.
  private static func clock(_ instant: Date, _ zone: TimeZone) -> String {
    let local = LocalTime(instant, in: zone)
    return "\(local.dayText) \(local.clockText):\(local.second)"
  }
}
