import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("The pieces from which sets of members are read")
struct MemberPiecesTests {
  private func ranges(_ random: inout SeededGenerator) -> [Range<Date>] {
    (0..<1 + random.below(8)).map { _ in
      let step = random.pick([1, 900, 86_400])
      let bounds = (0..<2).map { _ in
        let second = Int.random(in: -100 * 86_400...300 * 86_400, using: &random)
        return Date(timeIntervalSinceReferenceDate: Double(second / step * step))
      }.sorted()
      return bounds[0]..<bounds[1]
    }
  }

  @Test("do not overlap, equal the cover of each range, and are in one batch for each range")
  func property() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<100 {
      let ranges = ranges(&random)
      let cover = RangeCover(ranges, rawFrom: .min, onlyAdds: true)
      let batches = MemberPieces.batches(cover)
      let comment: Comment = "seed \(random.seed)"
      for batch in batches {
        #expect(batch.ranges.allSatisfy { Set($0).count == $0.count }, comment)
        for (piece, next) in zip(batch.pieces, batch.pieces.dropFirst())
        where piece.level == next.level {
          #expect(piece.upper <= next.lower, comment)
        }
      }
      for range in ranges.indices {
        let own = batches.filter { $0.ranges.contains { $0.contains(range) } }
        let pieces = zip(cover.pieces, cover.shares)
          .filter { $0.1.contains { $0.range == range } }.map(\.0)
        #expect(own.count == (pieces.isEmpty ? 0 : 1), comment)
        for level in RangeCover.Level.allCases {
          let expected = spans(pieces.filter { $0.level == level })
          let found = own.flatMap { batch in
            zip(batch.pieces, batch.ranges).filter { $0.1.contains(range) }.map(\.0)
          }
          #expect(spans(found.filter { $0.level == level }) == expected, comment)
        }
      }
    }
  }

  private func spans(_ pieces: [RangeCover.Piece]) -> [Range<Int64>] {
    pieces.sorted { $0.lower < $1.lower }.spans
  }

  @Test("of overlapping windows are the days, each once, in few batches")
  func windows() throws {
    let start = try Date("2026-03-01T00:00:00Z", strategy: .iso8601)
    func day(_ number: Int) -> Date { start.addingTimeInterval(Double(number) * 86_400) }
    let ranges = (0..<60).flatMap { end in
      [1, 7, 30].map { day(end - $0 + 1)..<day(end + 1) }
    }
    let batches = MemberPieces.batches(RangeCover(ranges, rawFrom: .max, onlyAdds: true))
    #expect(batches.count == 1 && batches[0].pieces.count == 89)
    #expect(batches[0].pieces.spans.count == 1)
    let hours = (0..<300 * 24).map { hour in
      let start = start.addingTimeInterval(Double(hour) * 3600)
      return start..<start.addingTimeInterval(3600)
    }
    let long = MemberPieces.batches(RangeCover(hours, rawFrom: .max, onlyAdds: true))
    #expect(long.count == 3)
    #expect(long.allSatisfy { $0.pieces.count == 2400 })
  }
}
