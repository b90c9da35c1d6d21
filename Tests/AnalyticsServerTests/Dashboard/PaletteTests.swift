import AnalyticsTestSupport
import AnalyticsText
import Testing

@testable import AnalyticsServer

@Suite("Colours of names")
struct PaletteTests {
  @Test("are the same in all charts of a page that has at most as many names as colours")
  func page() {
    var generator = SeededGenerator(seed: SeededGenerator.seed())
    for _ in 0..<200 {
      let names = (0..<TimeChart.grey).map { _ in
        ExactString(String(UInt64.random(in: 0...9999, using: &generator)))
      }
      let palette = Palette(of: names.shuffled(using: &generator))
      let all = palette.colours(of: names)
      #expect(Set(all.values).count == Set(names).count)
      #expect(all.values.allSatisfy { (0..<TimeChart.grey).contains($0) }, "no name is grey")
      let some = Array(names.shuffled(using: &generator).prefix(3))
      for (name, colour) in palette.colours(of: some) { #expect(all[name] == colour) }
    }
  }

  @Test("are the same on every page that shows the same names, and in every process")
  func stable() {
    let names = ["github", "slack", "linear", "Ελλάς", ""].map { ExactString($0) }
    let colours = Palette(of: names).colours(of: names)
    #expect(Palette(of: names.reversed()).colours(of: names) == colours)
    // The remainder of the name's FNV-1a hash. No other name here has the same remainder.
    #expect(colours["github"] == 3)
  }

  @Test("occur only once in a chart, however many names the page has")
  func many() {
    let names = (0..<40).map { ExactString("name \($0)") }
    let palette = Palette(of: names)
    for start in 0..<33 {
      let chart = Array(names[start..<start + TimeChart.grey])
      #expect(Set(palette.colours(of: chart).values).count == TimeChart.grey)
    }
  }
}
