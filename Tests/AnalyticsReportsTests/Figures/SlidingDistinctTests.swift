import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@testable import AnalyticsReports

@Suite("Distinct users of sliding windows")
struct SlidingDistinctTests {
  @Test("are those of each window taken by itself")
  func brute() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<50 {
      let days = 1 + random.below(80)
      let windows = [1, 7, 30, 1 + random.below(100)]
      var sliding = SlidingDistinct(days: days, windows: windows)
      let density = Double(random.below(100)) / 100
      let users = (0..<1 + random.below(30)).map { _ in
        (0..<days).map { _ in random.chance(density) }
      }
      for day in 0..<days {
        let there = users.indices.filter { users[$0][day] }.map(UInt32.init)
        // Some come twice.
        sliding.add(there + there.filter { _ in random.chance(0.2) }, on: day)
      }
      let counts = sliding.counts
      for (window, found) in zip(windows, counts) {
        let expected = (0..<days).map { day in
          users.count { user in (max(0, day - window + 1)...day).contains { user[$0] } }
        }
        #expect(found == expected, "window \(window), seed \(random.seed)")
      }
    }
  }
}
