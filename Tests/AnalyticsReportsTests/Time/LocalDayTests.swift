import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Local days")
struct LocalDayTests {
  @Test("are read as they are written; 30 February is refused")
  func text() {
    for text in ["2026-03-08", "0001-01-01", "9999-12-31", "2024-02-29", "1582-10-10"] {
      #expect(LocalDay(text)?.text == text)
    }
    for text in [
      "2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T", "", "-026-01-01",
      "2100-02-29", "0000-12-31", "2026-00-01", "2026-01-00", "２026-01-01",
    ] {
      #expect(LocalDay(text) == nil, "\(text)")
    }
  }

  @Test("begin at midnight, or later if clocks skip midnight or the whole day")
  func start() throws {
    func start(_ day: String, _ zone: String) throws -> String {
      let zone = try #require(TimeZone(identifier: zone))
      return LocalTime(ZoneCalendar(zone).start(of: try #require(LocalDay(day))), in: zone).text
    }
    #expect(try start("2026-03-08", "America/New_York") == "2026-03-08T00:00:00-05:00")
    #expect(try start("2022-03-27", "Asia/Beirut") == "2022-03-27T01:00:00+03:00")
    #expect(try start("2011-12-30", "Pacific/Apia") == "2011-12-31T00:00:00+14:00")
    // At one minute past midnight clocks went back to 23:01, so the day begins at the second midnight.
    #expect(try start("2010-11-07", "America/St_Johns") == "2010-11-07T00:00:00-03:30")
  }

  @Test("some months later or earlier have the same day of the month, or the last one")
  func months() {
    for (day, months, expected) in [
      ("2024-02-29", -12, "2023-02-28"), ("2026-01-31", 1, "2026-02-28"),
      ("2026-12-15", 1, "2027-01-15"), ("2026-01-15", -1, "2025-12-15"),
      ("2026-03-31", -120, "2016-03-31"),
    ] {
      #expect(LocalDay(day)?.adding(months: months).text == expected)
    }
  }

  @Test("are counted one by one, with consecutive weekdays, also before 1582")
  func counted() {
    var day = LocalDay("1580-01-01")
    // As in PostgreSQL: extract(isodow FROM date '1580-01-01').
    var weekday = 2
    for _ in 0..<200_000 {
      guard let today = day else { return }
      #expect(LocalDay(today.text) == today && today.weekday == weekday)
      day = today.adding(days: 1)
      weekday = weekday % 7 + 1
    }
    #expect(day?.text == "2127-08-01")
  }
}
