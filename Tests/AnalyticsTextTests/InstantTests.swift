import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsText

@Suite("Instants in microseconds and in days")
struct InstantTests {
  @Test("a date counts its microseconds from 1970 on, and backwards before")
  func counts() {
    let known: [(text: String, microseconds: Int64)] = [
      ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:01.5Z", 1_500_000),
      ("1969-12-31T23:59:59.999999Z", -1), ("1969-12-31T23:59:58.25Z", -1_750_000),
      ("2026-11-20T08:09:10.123456Z", 1_795_162_150_123_456),
    ]
    for (text, microseconds) in known {
      #expect(RFC3339.microseconds(text) == microseconds, "\(text)")
      let date = Date(microsecondsSinceUnixEpoch: microseconds)
      #expect(date.microsecondsSinceUnixEpoch == microseconds, "\(text)")
      #expect(abs(date.timeIntervalSince1970 - Double(microseconds) / 1_000_000) < 0.000_001)
    }
    // These are binary fractions, so they are exact.
    #expect(Date(microsecondsSinceUnixEpoch: -500_000) == Date(timeIntervalSince1970: -0.5))
    #expect(Date(microsecondsSinceUnixEpoch: 250_000) == Date(timeIntervalSince1970: 0.25))
  }

  @Test("from 1902 to 2105, a number of microseconds survives the way to a date and back")
  func roundTrip() throws {
    var random = SeededGenerator.printingSeed()
    let first = try #require(RFC3339.microseconds("1902-01-01T00:00:00Z"))
    let last = try #require(RFC3339.microseconds("2105-12-31T23:59:59.999999Z"))
    let some = (0..<10_000).map { _ in Int64.random(in: first...last, using: &random) }
    for microseconds in [first, -1, 0, 1, last] + some {
      let date = Date(microsecondsSinceUnixEpoch: microseconds)
      #expect(date.microsecondsSinceUnixEpoch == microseconds, "seed \(random.seed)")
    }
  }

  @Test("an instant between two microseconds is rounded to the nearer one, a half away from 1970")
  func rounding() {
    func microseconds(_ seconds: TimeInterval) -> Int64 {
      Date(timeIntervalSince1970: seconds).microsecondsSinceUnixEpoch
    }
    // 1/128 of a second is 7812.5 microseconds, and both are exact as `Double`.
    #expect(microseconds(1 / 128) == 7813)
    #expect(microseconds(-1 / 128) == -7813)
    #expect(microseconds(3 / 128) == 23_438)
    // 1/1024 of a second is 976.5625 microseconds, 1/512 is 1953.125.
    #expect(microseconds(1 / 1024) == 977)
    #expect(microseconds(-1 / 1024) == -977)
    #expect(microseconds(1 / 512) == 1953)
    #expect(microseconds(-1 / 512) == -1953)
  }

  @Test("an instant that the numbers do not reach counts as the first or the last one")
  func bounds() {
    func microseconds(_ seconds: TimeInterval) -> Int64 {
      Date(timeIntervalSince1970: seconds).microsecondsSinceUnixEpoch
    }
    for far in [1e13, 1e300, .infinity] {
      #expect(microseconds(far) == .max, "\(far)")
      #expect(microseconds(-far) == .min, "\(far)")
    }
    #expect(microseconds(.nan) == .min)
    #expect(microseconds(9e12) == 9_000_000_000_000_000_000)
    #expect(microseconds(-9e12) == -9_000_000_000_000_000_000)
    #expect(Date(microsecondsSinceUnixEpoch: .max).microsecondsSinceUnixEpoch == .max)
    #expect(Date(microsecondsSinceUnixEpoch: .min).microsecondsSinceUnixEpoch == .min)
    #expect(Date.distantPast.microsecondsSinceUnixEpoch < RFC3339.supported.lowerBound)
  }

  @Test("days of 24 hours are added and subtracted, also across 1970")
  func days() {
    let date = Date(timeIntervalSince1970: 100_000.5)
    #expect(date.addingDays(0) == date)
    #expect(date.addingDays(1) == Date(timeIntervalSince1970: 186_400.5))
    #expect(date.addingDays(-2) == Date(timeIntervalSince1970: -72_799.5))
    #expect(date.addingDays(-36_500).addingDays(36_500) == date)
  }
}
