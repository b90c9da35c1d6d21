import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Covers of ranges")
struct RangeCoverTests {
  private static let second: Int64 = 1_000_000

  /// An instant before or after 2000, at a quarter of an hour, at a day's start, or at neither.
  private func instant(_ random: inout SeededGenerator) -> Int64 {
    let any = Int64.random(in: -20 * RangeCover.day...20 * RangeCover.day, using: &random)
    let step = random.pick([1, Self.second, RangeCover.quarter, RangeCover.day])
    return any.floored(to: step)
  }

  private func range(_ random: inout SeededGenerator) -> Range<Date> {
    let bounds = [instant(&random), instant(&random)].sorted()
    return date(bounds[0])..<date(bounds[1])
  }

  private func date(_ instant: Int64) -> Date {
    Date(timeIntervalSinceReferenceDate: Double(instant) / 1_000_000 - 366 * 86_400)
  }

  private func micros(_ date: Date) -> Int64 {
    Int64(((date.timeIntervalSinceReferenceDate + 366 * 86_400) * 1_000_000).rounded())
  }

  /// How often an instant counts in each range.
  private func counts(_ instant: Int64, _ cover: RangeCover, _ ranges: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: ranges)
    for (piece, shares) in zip(cover.pieces, cover.shares)
    where piece.lower <= instant && instant < piece.upper {
      for share in shares { counts[share.range] += share.sign }
    }
    return counts
  }

  @Test("count each instant of a range once and no other, with and without subtraction")
  func exact() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<300 {
      let ranges = (0..<1 + random.below(4)).map { _ in range(&random) }
      for onlyAdds in [false, true] {
        let cover = RangeCover(ranges, rawFrom: .min, onlyAdds: onlyAdds)
        #expect(!cover.isRounded)
        var probes = (0..<20).map { _ in instant(&random) }
        probes += ranges.flatMap { range in
          [range.lowerBound, range.upperBound].flatMap {
            [micros($0) - 1, micros($0), micros($0) + 1]
          }
        }
        for probe in probes {
          let expected = ranges.map { range in
            micros(range.lowerBound) <= probe && probe < micros(range.upperBound) ? 1 : 0
          }
          #expect(counts(probe, cover, ranges.count) == expected, "seed \(random.seed)")
        }
        checkPieces(cover, onlyAdds, random.seed)
      }
    }
  }

  /// Checks that days and quarters are whole, and that a cover that only adds does not subtract.
  private func checkPieces(_ cover: RangeCover, _ onlyAdds: Bool, _ seed: UInt64) {
    for (piece, shares) in zip(cover.pieces, cover.shares) {
      let step: Int64 =
        switch piece.level {
        case .daily: RangeCover.day
        case .quarterly: RangeCover.quarter
        case .raw: 1
        }
      #expect(piece.lower < piece.upper && piece.lower % step == 0 && piece.upper % step == 0)
      if piece.level == .raw {
        #expect(piece.lower.floored(to: RangeCover.quarter) + RangeCover.quarter >= piece.upper)
      }
      if onlyAdds { #expect(shares.allSatisfy { $0.sign == 1 }, "seed \(seed)") }
    }
  }

  @Test("without raw events begin and end with a quarter of an hour, and still adjoin")
  func rounded() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<300 {
      let whole = range(&random)
      let (lower, upper) = (micros(whole.lowerBound), micros(whole.upperBound))
      guard upper - lower > 2 else { continue }
      let cut = date(Int64.random(in: lower + 1..<upper, using: &random))
      let ranges = [whole.lowerBound..<cut, cut..<whole.upperBound, whole]
      for onlyAdds in [false, true] {
        let cover = RangeCover(ranges, rawFrom: .max, onlyAdds: onlyAdds)
        let bounds = [lower, micros(cut), upper]
        #expect(cover.isRounded == bounds.contains { $0 % RangeCover.quarter != 0 })
        for _ in 0..<20 {
          let probe = instant(&random)
          let found = counts(probe, cover, 3)
          let floors = bounds.map { $0.floored(to: RangeCover.quarter) }
          #expect(
            found == [
              floors[0] <= probe && probe < floors[1] ? 1 : 0,
              floors[1] <= probe && probe < floors[2] ? 1 : 0,
              floors[0] <= probe && probe < floors[2] ? 1 : 0,
            ], "seed \(random.seed)")
        }
      }
    }
  }

  @Test("of days in another time zone read each day once, and the hours between two days once")
  func shared() throws {
    let start = try Date("2026-03-01T05:00:00Z", strategy: .iso8601)
    let frame = try TimeFrame(
      from: start, to: start.addingTimeInterval(5 * 86_400), by: .day,
      in: #require(TimeZone(identifier: "America/New_York")))
    let cover = RangeCover(frame.ranges, rawFrom: .max)
    #expect(cover.pieces.count { $0.level == .daily } == 5)
    #expect(cover.pieces.count { $0.level == .quarterly } == 6)
    let quarters = cover.pieces.filter { $0.level == .quarterly }
    #expect(quarters.allSatisfy { $0.upper - $0.lower == 20 * RangeCover.quarter })
  }
}
