import AnalyticsReports
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Series in a terminal")
struct SeriesTableTests {
  private let start = Date(timeIntervalSince1970: 1_772_323_200)

  private func series(_ rows: [[Series.Value]], warnings: [String] = []) -> Series {
    Series(
      name: "things", range: start..<start.addingTimeInterval(2 * 86_400), zone: .gmt,
      columns: [
        .init("day", .time(.day)), .init("error_type", .text), .init("errors", .events),
        .init("avg_duration_ms", .milliseconds), .init("error_rate", .ratio),
      ], rows: rows, warnings: warnings)
  }

  @Test(
    "have local times, units in the heading, grouped numbers, and bars beside the first figures")
  func table() {
    let text = SeriesTable(
      series(
        [
          [.instant(start), .text("Timeout"), .integer(12_000), .number(1.25), .number(0.5)],
          [.instant(start.addingTimeInterval(86_400)), .text(""), .integer(1), .null, .number(1)],
          [.instant(start.addingTimeInterval(86_400)), .text("x"), .integer(0), .null, .null],
        ], warnings: ["so"])
    ).text
    #expect(
      text == """
        things from 2026-03-01 to 2026-03-03, UTC
        day             error type  errors                        avg duration ms  error rate
                                    events                                     ms           %
        2026-03-01 Sun  Timeout     12,000  ████████████████████              1.2        50.0
        2026-03-02 Mon                   1  ▏                                   –       100.0
        2026-03-02 Mon  x                0                                      –           –
        note: so
        """)
  }

  @Test("end with the parameter that gives the next page")
  func nextPage() {
    var page = series(
      [[.instant(start), .text("Timeout"), .integer(1), .null, .null]], warnings: ["so"])
    page.nextPage = .init(parameter: "before", value: "1772323200000000,x")
    #expect(SeriesTable(page).text.hasSuffix("\nnote: so\nnext page: --before 1772323200000000,x"))
  }

  @Test("mark an incomplete bucket")
  func partial() throws {
    let frame = try TimeFrame(from: start + 3600, to: start + 2 * 86_400)
    var series = Series(
      name: "things", frame: frame, columns: [.init("day", .time(.day)), .init("n", .number)],
      rows: frame.buckets.map { [.instant($0.start), .integer(1)] })
    series.partial = [frame.buckets[0].start: .cut, frame.buckets[1].start: .running]
    let text = SeriesTable(series).text
    #expect(text.contains("\n2026-03-01 Sun (cut)      1"))
    #expect(text.contains("\n2026-03-02 Mon (running)  1"))
    // A single row of many columns is shown as a list.
    series.columns += (2...6).map { .init("n\($0)", .number) }
    series.rows = [[.instant(frame.buckets[1].start)] + (1...6).map { .integer($0) }]
    #expect(SeriesTable(series).text.contains("2026-03-02 Mon (running)\n"))
  }

  @Test("report that there are no rows")
  func nothing() {
    #expect(SeriesTable(series([])).text.hasSuffix("UTC\nnothing"))
  }

  @Test("show no control character of an event, and only texts of limited length")
  func escapes() {
    let nasty = "a\u{1B}[2J\r\nb\u{202E}c" + String(repeating: "é", count: 100)
    let text = SeriesTable(
      series([
        [.instant(start), .text(nasty), .integer(1), .null, .null],
        [.instant(start), .text("b"), .integer(1), .null, .null],
      ])
    ).text
    #expect(!text.contains("\u{1B}") && !text.contains("\r") && !text.contains("\u{202E}"))
    #expect(text.contains("a·[2J·b·cééé"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count < 160 })
  }

  @Test("of one row and many columns are shown as lines")
  func oneRow() {
    let one = Series(
      name: "overview",
      columns: ["total_users", "a", "b", "c", "d", "task_success_rate"].map {
        .init($0, $0.hasSuffix("rate") ? .ratio : .users)
      }, rows: [[.integer(1500), .integer(1), .integer(2), .integer(3), .integer(4), .number(1)]])
    let lines = SeriesTable(one).text.split(separator: "\n")
    #expect(lines.count == 7)
    #expect(lines[1] == "total users        1,500 users")
    #expect(lines[6] == "task success rate  100.0 %")
  }

  @Test("by weekday and hour are shown as a grid of shades")
  func grid() {
    let rows = (0..<168).map { hour -> [Series.Value] in
      [.integer(hour / 24 + 1), .integer(hour % 24), .integer(hour == 9 ? 8 : hour == 33 ? 1 : 0)]
    }
    let week = Series(
      name: "hour-of-week",
      columns: [.init("weekday", .weekday), .init("hour", .hourOfDay), .init("users", .users)],
      rows: rows)
    let lines = SeriesTable(week).text.split(separator: "\n")
    #expect(lines.count == 10)
    #expect(
      lines[2] == "Mon  " + String(repeating: "· ", count: 9) + "██"
        + String(repeating: "· ", count: 14) + "  8")
    #expect(lines[3].contains("░░") && lines[3].hasSuffix("  1"))
    #expect(lines[9] == "█ is 8 users in an hour")
  }

  @Test("show hours with their offset if clocks change in the range")
  func offsets() throws {
    let zone = try #require(TimeZone(identifier: "America/New_York"))
    let start = try Date("2025-11-02T05:00:00Z", strategy: .iso8601)
    let hours = Series(
      name: "h", range: start..<start.addingTimeInterval(7200), zone: zone,
      columns: [.init("hour", .time(.hour)), .init("events", .events)],
      rows: [
        [.instant(start), .integer(1)], [.instant(start.addingTimeInterval(3600)), .integer(1)],
      ])
    let text = SeriesTable(hours).text
    #expect(text.contains("2025-11-02 01:00 -04:00") && text.contains("2025-11-02 01:00 -05:00"))
  }
}
