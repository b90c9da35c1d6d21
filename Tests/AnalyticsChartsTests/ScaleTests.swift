import AnalyticsTestSupport
import Testing

@testable import AnalyticsCharts

@Suite("Axes")
struct ScaleTests {
  @Test(
    "end at a round number just above what has to fit",
    arguments: [
      (0, 1), (0.3, 0.3), (1, 1), (3, 3), (7, 8), (9, 10), (10, 10), (11, 15), (99, 100),
      (101, 150),
      (1234, 1500), (1_000_001, 1_500_000),
    ] as [(Double, Double)])
  func round(largest: Double, top: Double) {
    #expect(abs(Scale(covering: largest, isWhole: false).maximum - top) < 1e-9 * top)
  }

  @Test("have whole steps where half of a thing means nothing")
  func whole() {
    #expect(Scale(covering: 2, isWhole: true).ticks == [0, 1, 2])
    #expect(Scale(covering: 0, isWhole: true).ticks == [0, 1])
  }

  @Test("cover anything, in one to four steps")
  func anything() {
    var generator = SeededGenerator(seed: SeededGenerator.seed())
    for _ in 0..<2000 {
      let exponent = Double.random(in: -6...12, using: &generator)
      var largest = Double.random(in: 1..<10, using: &generator)
      for _ in 0..<Int(exponent.magnitude) { largest = exponent < 0 ? largest / 10 : largest * 10 }
      let scale = Scale(covering: largest, isWhole: false)
      #expect(scale.maximum >= largest * (1 - 1e-9) && scale.maximum <= largest * 2, "\(largest)")
      #expect((2...5).contains(scale.ticks.count), "\(largest)")
      #expect(scale.ticks.first == 0 && abs(scale.ticks.last! / scale.maximum - 1) < 1e-9)
    }
  }

  @Test("are not upset by numbers that are none")
  func notNumbers() {
    for value in [Double.nan, .infinity, -1] {
      #expect(Scale(covering: value, isWhole: false).maximum == 1)
    }
  }
}
