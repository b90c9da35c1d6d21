import AnalyticsTestSupport
import Testing

@testable import AnalyticsServer

@Suite("Axes")
struct ScaleTests {
  @Test(
    "end at a round number just above the largest value",
    arguments: [
      (0, 1), (0.3, 0.3), (1, 1), (3, 3), (7, 8), (9, 10), (10, 10), (11, 15), (99, 100),
      (101, 150),
      (1234, 1500), (1_000_001, 1_500_000),
    ] as [(Double, Double)])
  func round(largest: Double, top: Double) {
    #expect(abs(Scale(covering: largest).maximum - top) < 1e-9 * top)
  }

  @Test("have whole steps if fractions have no meaning")
  func whole() {
    #expect(Scale(covering: 2, .count).ticks == [0, 1, 2])
    #expect(Scale(covering: 0, .count).ticks == [0, 1])
  }

  @Test(
    "of durations have steps as on a clock",
    arguments: [
      (9, [0, 2.5, 5, 7.5, 10]), (118, [0, 30, 60, 90, 120]), (200, [0, 60, 120, 180, 240]),
      (559, [0, 180, 360, 540, 720]), (5400, [0, 1800, 3600, 5400]),
      (200_000, [0, 86_400, 172_800, 259_200]),
    ] as [(Double, [Double])])
  func clocks(largest: Double, ticks: [Double]) {
    #expect(Scale(covering: largest, .seconds).ticks == ticks)
    #expect(Scale(covering: largest * 1000, .milliseconds).ticks == ticks.map { $0 * 1000 })
  }

  @Test("cover any value, in one to four steps")
  func anything() {
    var generator = SeededGenerator(seed: SeededGenerator.seed())
    for _ in 0..<2000 {
      let exponent = Double.random(in: -6...12, using: &generator)
      var largest = Double.random(in: 1..<10, using: &generator)
      for _ in 0..<Int(exponent.magnitude) { largest = exponent < 0 ? largest / 10 : largest * 10 }
      let scale = Scale(covering: largest)
      #expect(scale.maximum >= largest * (1 - 1e-9) && scale.maximum <= largest * 2, "\(largest)")
      #expect((2...5).contains(scale.ticks.count), "\(largest)")
      #expect(scale.ticks.first == 0 && abs(scale.ticks.last! / scale.maximum - 1) < 1e-9)
    }
  }

  @Test("ignore values that are not numbers")
  func notNumbers() {
    for value in [Double.nan, .infinity, -1] {
      #expect(Scale(covering: value).maximum == 1)
    }
  }
}
