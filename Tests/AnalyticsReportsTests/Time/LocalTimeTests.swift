import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Local times")
struct LocalTimeTests {
  @Test("equal those of Foundation's calendar, in any zone and year")
  func calendar() throws {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<500 {
      let zone = try #require(
        TimeZone(identifier: random.pick(TimeZone.knownTimeZoneIdentifiers)))
      // The years are 1600 to 2200, because Foundation's calendar is Julian before.
      let date = Date(timeIntervalSince1970: Double(random.below(18_934_000_000) - 11_676_000_000))
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = zone
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
      let local = LocalTime(date, in: zone)
      #expect(
        [local.year, local.month, local.day, local.hour, local.minute, local.second]
          == [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second],
        "\(zone.identifier) \(date), seed \(random.seed)")
      #expect(local.weekday == ((parts.weekday ?? 0) + 5) % 7 + 1)
      // The printed text is read as the same instant.
      #expect(Date(rfc3339: local.text) == date || local.offset % 60 != 0, "\(local.text)")
    }
  }

  @Test("are written with their offset, including its seconds")
  func text() throws {
    let date = try Date("2026-03-08T07:30:00Z", strategy: .iso8601)
    let newYork = try #require(TimeZone(identifier: "America/New_York"))
    #expect(LocalTime(date, in: newYork).text == "2026-03-08T03:30:00-04:00")
    #expect(LocalTime(date, in: .gmt).text == "2026-03-08T07:30:00Z")
    let old = Date(timeIntervalSince1970: -3_000_000_000)
    #expect(LocalTime(old, in: newYork).offsetText == "-04:56:02")
  }
}
