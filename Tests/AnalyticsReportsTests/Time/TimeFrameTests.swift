import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Time frames")
struct TimeFrameTests {
  private func date(_ text: String) throws -> Date {
    try Date(text, strategy: .iso8601)
  }

  @Test(
    "split days at local midnight, also across clock changes and at :45 offsets",
    arguments: [
      ("America/New_York", "2026-03-07T05:00:00Z", [24.0, 23, 24]),
      ("America/New_York", "2026-10-31T04:00:00Z", [24.0, 25, 24]),
      ("Asia/Kathmandu", "2026-03-07T18:15:00Z", [24.0, 24, 24]),
      ("Pacific/Chatham", "2026-04-03T10:15:00Z", [24.0, 25, 24]),
    ])
  func days(zone: String, start: String, hours: [Double]) throws {
    let from = try date(start)
    let to = from.addingTimeInterval(hours.reduce(0, +) * 3600)
    let zone = try #require(TimeZone(identifier: zone))
    let frame = try TimeFrame(from: from, to: to, by: .day, in: zone)
    let lengths = frame.buckets.map { $0.range.upperBound.timeIntervalSince($0.range.lowerBound) }
    #expect(lengths == hours.map { $0 * 3600 })
    #expect(frame.buckets.first?.start == from)
  }

  @Test(
    "cover the range without gap or overlap, by any granularity", arguments: Granularity.allCases)
  func cover(granularity: Granularity) throws {
    for zone in ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns"] {
      let frame = try TimeFrame(
        from: date("2026-03-01T07:30:00Z"), to: date("2026-05-02T21:45:00Z"), by: granularity,
        in: #require(TimeZone(identifier: zone)))
      var end = frame.range.lowerBound
      for bucket in frame.buckets {
        #expect(bucket.range.lowerBound == end && bucket.start <= end)
        end = bucket.range.upperBound
      }
      #expect(end == frame.range.upperBound)
    }
  }

  @Test("tell which buckets are cut by the range, which is running, and which have not begun")
  func partial() throws {
    let zone = try #require(TimeZone(identifier: "Asia/Kathmandu"))
    func partial(
      _ from: String, _ to: String, by granularity: Granularity, at now: String
    ) throws -> [String] {
      let frame = try TimeFrame(from: date(from), to: date(to), by: granularity, in: zone)
      let partial = frame.partial(at: try date(now))
      return frame.buckets.map { partial[$0.start]?.rawValue ?? "" }
    }
    // Days begin at 18:15 UTC.
    let (start, end) = ("2026-03-01T18:15:00Z", "2026-03-04T18:15:00Z")
    #expect(
      try partial(start, end, by: .day, at: "2026-03-09T00:00:00Z") == ["", "", ""])
    #expect(
      try partial(start, end, by: .day, at: "2026-03-03T18:15:00Z") == ["", "", "ahead"])
    #expect(
      try partial(start, end, by: .day, at: "2026-03-03T18:15:01Z") == ["", "", "running"])
    #expect(
      try partial(start, end, by: .day, at: "2026-03-02T20:00:00Z") == ["", "running", "ahead"])
    let (late, early) = ("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z")
    #expect(
      try partial(late, early, by: .day, at: "2026-03-09T00:00:00Z") == ["cut", "", "cut"])
    // The part of today that the range leaves out is in the future.
    #expect(
      try partial(late, early, by: .day, at: "2026-03-03T22:00:00Z") == ["cut", "", "running"])
    #expect(try partial(late, early, by: .week, at: "2026-03-09T00:00:00Z") == ["cut"])
    #expect(try partial(late, early, by: .total, at: "2026-03-03T00:00:00Z") == [""])
    #expect(
      try partial(late, "2026-03-02T02:00:00Z", by: .hour, at: "2026-03-02T01:30:00Z")
        == ["cut", "", "running"])
  }

  @Test("refuse an empty range and one with too many buckets, naming the parameter")
  func refused() throws {
    let day = try date("2026-01-01T00:00:00Z")
    let empty = #expect(throws: ReportError.self) { try TimeFrame(from: day, to: day) }
    #expect(empty?.parameter == "to")
    let long = #expect(throws: ReportError.self) {
      try TimeFrame(from: day, to: day.addingTimeInterval(100 * 366 * 86_400), by: .hour)
    }
    #expect(long?.parameter == "granularity")
  }

  @Test("make buckets in which the clock shows one hour, day, week or month, in any zone and year")
  func clocks() throws {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<60 {
      let name =
        random.chance(0.3) ? "Australia/Lord_Howe" : random.pick(TimeZone.knownTimeZoneIdentifiers)
      let zone = try #require(TimeZone(identifier: name))
      let keys = LocalKeys(zone)
      let start = Date(timeIntervalSince1970: Double(random.below(5_000_000_000) - 2_900_000_000))
      for granularity in [Granularity.hour, .day, .week, .month] {
        let days = granularity == .hour ? 20.0 : 400
        let frame = try TimeFrame(
          from: start, to: start.addingTimeInterval(days * 86_400), by: granularity, in: zone)
        var end = start
        var before: String?
        for bucket in frame.buckets {
          #expect(bucket.range.lowerBound == end && bucket.start <= end)
          end = bucket.range.upperBound
          let inside = [
            bucket.range.lowerBound, end.addingTimeInterval(-0.001),
            bucket.range.lowerBound.addingTimeInterval(
              end.timeIntervalSince(bucket.range.lowerBound) * 0.7),
          ].map { keys.key($0, granularity) }
          let comment: Comment = "\(name) \(granularity) \(bucket), seed \(random.seed)"
          #expect(Set(inside).count == 1, comment)
          // A day that is partly repeated, because clocks went back over midnight, may be one bucket.
          #expect(inside[0] != before, comment)
          before = inside[0]
        }
        #expect(end == frame.range.upperBound)
      }
    }
  }
}
