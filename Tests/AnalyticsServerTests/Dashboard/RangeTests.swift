import AnalyticsReports
import AnalyticsText
import Foundation
import Testing

@testable import AnalyticsServer

@Suite("Ranges of pages")
struct RangeTests {
  private func range(
    _ query: String, zone: String = "UTC", now: String = "2026-11-30T10:20:30Z"
  ) throws -> DashboardRange {
    try DashboardRange(
      QueryItems(query), zone: .gmt.named(zone), now: Date(now, strategy: .iso8601))
  }

  /// Instants at clock changes, in one zone by half an hour, and two instants without a clock change.
  private static let nows = [
    "2026-11-30T10:20:30Z", "2026-10-25T01:30:00Z", "2026-03-29T01:30:00Z", "2026-04-04T15:20:00Z",
    "2026-11-01T04:31:00Z", "2026-12-31T23:59:59Z",
  ]

  @Test(
    "of a chosen length begin with a whole bucket in the time zone",
    arguments: [
      "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "Europe/Berlin",
      "Australia/Lord_Howe",
    ])
  func presets(zone: String) throws {
    for preset in DashboardRange.Preset.allCases {
      for by in ["", "hour", "day", "week", "month"] {
        for now in Self.nows {
          let range = try range("range=\(preset.rawValue)&by=\(by)", zone: zone, now: now)
          let frame = try range.frame()
          let first = try #require(frame.buckets.first)
          #expect(first.start == first.range.lowerBound, "\(preset) by \(by) at \(now)")
          // The last bucket has not ended.
          let last = try #require(frame.buckets.last)
          #expect(
            last.start <= range.now && last.end > range.now, "\(preset) by \(by) at \(now)")
        }
      }
    }
  }

  @Test("without an end last until now, without hours that have not begun")
  func untilNow() throws {
    for query in ["from=2026-11-29", "from=2026-11-29&by=hour"] {
      let frame = try range(query).frame()
      #expect(frame.granularity == .hour)
      #expect(frame.range.upperBound == (try Date("2026-11-30T11:00:00Z", strategy: .iso8601)))
    }
    let days = try range("from=2026-11-01").frame()
    #expect(days.range.upperBound == (try Date("2026-12-01T00:00:00Z", strategy: .iso8601)))
  }

  @Test("of 24 hours have 24 hours of the local clock")
  func hours() throws {
    let frame = try range("range=24h", zone: "Asia/Kathmandu").frame()
    #expect(frame.buckets.count == 24)
    #expect(frame.range.upperBound == (try Date("2026-11-30T11:15:00Z", strategy: .iso8601)))
  }

  @Test("of typed days have a readable number of buckets, unless the user chose the granularity")
  func typed() throws {
    for (query, granularity) in [
      ("from=2026-11-29&to=2026-11-30", Granularity.hour), ("from=2026-11-01&to=2026-12-01", .day),
      ("from=2026-01-01&to=2026-12-01", .week), ("from=2006-01-01&to=2026-12-01", .month),
      ("from=2026-11-01&to=2026-12-01&by=hour", .hour),
      // This range has 49 hours.
      ("from=2026-10-24&to=2026-10-26", .hour),
    ] {
      let range = try range(query, zone: "Europe/Berlin")
      #expect(range.granularity == granularity, "\(query)")
      #expect(range.query.contains { $0.0 == "by" } == query.contains("by="))
    }
  }

  @Test("name years on an axis that crosses them, and have a slot for each bucket")
  func axis() throws {
    func ticks(_ query: String, zone: String = "UTC") throws -> [String] {
      let frame = try range(query, zone: zone).frame()
      let figures = SeriesFigures(
        Series(name: "", frame: frame, columns: [.init("n", .number)], rows: []))
      let slots = try #require(figures.times).slots
      #expect(slots.count == frame.buckets.count)
      return slots.compactMap(\.tick)
    }
    #expect(try ticks("from=2026-03-01&to=2026-03-05") == ["1 Mar", "2 Mar", "3 Mar", "4 Mar"])
    #expect(
      try ticks("range=24h") == ["12:00", "16:00", "20:00", "30 Nov", "04:00", "08:00"])
    #expect(
      try ticks("range=7d&by=hour") == [
        "24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov", "30 Nov",
      ])
    // A day of 25 hours has one mark; an hour that the clock shows twice has one mark.
    #expect(
      try ticks("from=2026-10-22&to=2026-10-29&by=hour", zone: "Europe/Berlin")
        == (22...28).map { "\($0) Oct" })
    #expect(
      try ticks(
        "from=2026-10-25T00:00:00%2B02:00&to=2026-10-25T06:00:00%2B01:00", zone: "Europe/Berlin")
        == ["25 Oct", "01:00", "02:00", "03:00", "04:00", "05:00"])
    // If the range has no midnight, the first mark names the day.
    #expect(
      try ticks("from=2026-11-30T09:00:00Z&to=2026-11-30T12:00:00Z")
        == ["30 Nov", "10:00", "11:00"])
    #expect(try ticks("from=2025-12-30&to=2026-01-02")[0] == "30 Dec 2025")
    #expect(try ticks("from=2006-01-01&to=2026-01-01&by=month")[0] == "Jan 2006")
    #expect(try ticks("from=2006-01-01&to=2026-01-01&by=week").allSatisfy { $0.contains(" 20") })
  }

  @Test("draw nothing for buckets that have not begun")
  func ahead() throws {
    let range = try range("from=2026-11-29&to=2026-12-03&by=day")
    let frame = try range.frame()
    let texts = ["a", "b"].map { Series.Value.text($0) }
    var series = Series(
      name: "", frame: frame,
      columns: [.init("day", .time(.day)), .init("what", .text), .init("n", .number)],
      rows: frame.buckets.flatMap { bucket in
        texts.map { [.instant(bucket.start), $0, .integer(bucket.start <= range.now ? 2 : 0)] }
      })
    series.partial = frame.partial(at: range.now)
    let figures = SeriesFigures(series)
    let times = try #require(figures.times)
    #expect(figures.lines(["n"], times).map(\.values) == [[2, 2, nil, nil]])
    let palette = Palette(of: [])
    #expect(
      figures.lines(of: "n", by: "what", times, palette).map(\.values)
        == [[2, 2, nil, nil], [2, 2, nil, nil]])
    #expect(figures.partialNotes.last == "From Tue 1 Dec 2026 on: not begun.")
  }

  @Test("name the buckets that are incomplete")
  func words() throws {
    let range = try range("from=2026-11-04&to=2026-12-03&by=week")
    let frame = try range.frame()
    var series = Series(name: "", frame: frame, columns: [.init("n", .number)], rows: [])
    series.partial = frame.partial(at: range.now)
    let figures = SeriesFigures(series)
    #expect(
      figures.partialNotes == [
        "week of 2 Nov 2026 is cut by the range.", "week of 30 Nov 2026 is running.",
      ])
    let slots = try #require(figures.times).slots
    #expect(slots.map(\.isPartial) == [true, false, false, false, true])
    #expect(slots[4].label == "week of 30 Nov 2026, running")
  }
}

extension TimeZone {
  fileprivate func named(_ name: String) throws -> TimeZone {
    name == "UTC" ? .gmt : try #require(TimeZone(identifier: name))
  }
}
