import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Timestamps, compared with Foundation's calendar")
struct EventTimestampTests {
  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    return calendar
  }()

  /// The days since the epoch, counted year by year: slow, but simple.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    func daysOfYear(_ year: Int) -> Int { isLeap(year) ? 366 : 365 }
    let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let years =
      year >= 1970
      ? (1970..<year).reduce(0) { $0 + daysOfYear($1) }
      : -(year..<1970).reduce(0) { $0 + daysOfYear($1) }
    return years + lengths.prefix(month - 1).reduce(0, +) + day - 1
  }

  private func read(_ text: String) -> Int64? {
    EventTimestamp(rfc3339: text)?.microsecondsSinceUnixEpoch
  }

  @Test("any date, time, fraction and offset is read as in the calendar")
  func reads() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<3000 {
      let (year, month) = (1 + random.below(9999), 1 + random.below(12))
      let day = 1 + random.below(28)
      let (hour, minute, second) = (random.below(24), random.below(60), random.below(60))
      let digits = String((0..<random.below(13)).map { _ in random.pick(Array("0123456789")) })
      let (offsetHours, offsetMinutes) = (random.below(24), random.below(60))
      let sign = random.pick([1, -1])
      let zone =
        random.chance(0.3)
        ? random.pick(["Z", "z"])
        : String(format: "%@%02d:%02d", sign > 0 ? "+" : "-", offsetHours, offsetMinutes)
      let text =
        String(
          format: "%04d-%02d-%02d%@%02d:%02d:%02d", year, month, day, random.pick(["T", "t", " "]),
          hour, minute, second) + (digits.isEmpty ? "" : "." + digits) + zone
      let offset = zone.count == 1 ? 0 : sign * (offsetHours * 60 + offsetMinutes) * 60
      let seconds =
        Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
      let fraction = Int((digits + "000000").prefix(6))!
      let expected = EventTimestamp(
        microsecondsSinceUnixEpoch: Int64(seconds) * 1_000_000 + Int64(fraction))
      let isInside = EventTimestamp.supportedRange.contains(expected)
      #expect(
        read(text) == (isInside ? expected.microsecondsSinceUnixEpoch : nil), "\(text)")
    }
  }

  @Test("a timestamp is written as Foundation's calendar shows it, and is read back unchanged")
  func writes() {
    var random = SeededGenerator.printingSeed()
    let range = EventTimestamp.supportedRange
    for index in 0..<3000 {
      var value = Int64.random(
        in: range.lowerBound
          .microsecondsSinceUnixEpoch..<range.upperBound.microsecondsSinceUnixEpoch,
        using: &random)
      if index == 0 { value = range.lowerBound.microsecondsSinceUnixEpoch }
      if index == 1 { value = range.upperBound.microsecondsSinceUnixEpoch - 1 }
      if index == 2 { value = -1 }
      let timestamp = EventTimestamp(microsecondsSinceUnixEpoch: value)
      let text = timestamp.description
      #expect(read(text) == value, "\(text)")
      // Foundation's ISO 8601 calendar is Julian before 1582, so only later days are compared.
      guard value > -12_219_292_800_000_000 else { continue }
      let seconds = (value >= 0 ? value : value - 999_999) / 1_000_000
      let parts = Self.calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second],
        from: Date(timeIntervalSince1970: Double(seconds)))
      let expected = String(
        format: "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.year!, parts.month!, parts.day!,
        parts.hour!, parts.minute!, parts.second!, Int(value - seconds * 1_000_000))
      #expect(text == expected)
    }
  }

  @Test("every day of four centuries is read as the day after the previous one")
  func everyDay() {
    var previous = read("1799-12-31T00:00:00Z")!
    for year in 1800..<2200 {
      for month in 1...12 {
        for day in 1...31 {
          let text = String(format: "%04d-%02d-%02dT00:00:00Z", year, month, day)
          let isThere = day <= 28 || Self.days(year, month, day) < Self.firstOfNext(year, month)
          guard isThere else {
            #expect(read(text) == nil, "\(text)")
            continue
          }
          let value = read(text)
          #expect(value == previous + 86_400_000_000, "\(text)")
          previous = value ?? previous
        }
      }
    }
  }

  private static func firstOfNext(_ year: Int, _ month: Int) -> Int {
    month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
  }

  @Test("a leap second is read as the following second")
  func leapSecond() {
    #expect(read("2016-12-31T23:59:60Z") == read("2017-01-01T00:00:00Z"))
    #expect(read("2016-12-31T23:59:60.5Z") == read("2017-01-01T00:00:00.5Z"))
    #expect(read("9999-12-31T23:59:60Z") == nil)
  }

  @Test("the range is the years 1 to 9999 in UTC")
  func range() {
    #expect(read("0001-01-01T00:00:00Z") != nil)
    #expect(read("0001-01-01T00:00:00+00:01") == nil)
    #expect(read("9999-12-31T23:59:59.999999Z") != nil)
    #expect(read("9999-12-31T23:59:59-00:01") == nil)
    #expect(read("0000-12-31T23:59:59Z") == nil)
  }

  @Test(
    "a text that is not RFC 3339 is refused",
    arguments: [
      "", "2026", "2026-01-31", "2026-01-31T08:09:10", "2026-01-31T08:09Z", "2026-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z",
      "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
      "2026-01-31T24:00:00Z", "2026-01-31T08:60:00Z", "2026-01-31T08:09:61Z",
      "2026-01-31T08:09:10.Z", "2026-01-31T08:09:10,5Z", "2026-01-31T08:09:10+0100",
      "2026-01-31T08:09:10+24:00", "2026-01-31T08:09:10+01:60", "2026-01-31T08:09:10Zx",
      " 2026-01-31T08:09:10Z", "2026-01-31T08:09:10Z ", "+2026-01-31T08:09:10Z",
      "２026-01-31T08:09:10Z", "20260131T080910Z", "2026-1-31T08:09:10Z", "-001-01-31T08:09:10Z",
      "2026-01-31T08:09:10.5", "2026-01-31T08:09:10.1234567890123456789", "2026-01-31TT8:09:10Z",
    ])
  func refuses(text: String) {
    #expect(read(text) == nil)
  }

  @Test("a fraction may have any number of digits, and is cut after microseconds")
  func longFraction() {
    let digits = "123456" + String(repeating: "9", count: 10_000)
    #expect(read("1970-01-01T00:00:00." + digits + "Z") == 123_456)
    #expect(read("1969-12-31T23:59:59." + digits + "Z") == 123_456 - 1_000_000)
  }

  @Test("PostgreSQL's epoch is 2000")
  func postgresEpoch() {
    let epoch = EventTimestamp(rfc3339: "2000-01-01T00:00:00Z")
    #expect(epoch?.microsecondsSincePostgresEpoch == 0)
    #expect(EventTimestamp(microsecondsSincePostgresEpoch: 0) == epoch)
    #expect(
      EventTimestamp(rfc3339: "1999-12-31T23:59:59.999999Z")?.microsecondsSincePostgresEpoch == -1)
  }

  @Test(
    "PostgreSQL's infinities are kept unchanged",
    arguments: [Int64.min, .max, .min + 1, .max - 1, 0])
  func infinities(value: Int64) {
    let timestamp = EventTimestamp(microsecondsSincePostgresEpoch: value)
    #expect(timestamp.microsecondsSincePostgresEpoch == value)
    #expect(!timestamp.description.isEmpty)
  }

  @Test("JSON that is not a timestamp is refused")
  func decoding() {
    for json in [#"["2026-01-31"]"#, "[1]", "[null]"] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode([EventTimestamp].self, from: Data(json.utf8))
      }
    }
  }
}
