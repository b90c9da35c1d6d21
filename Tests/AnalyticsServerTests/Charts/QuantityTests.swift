import Testing

@testable import AnalyticsServer

@Suite("Formatted numbers")
struct QuantityTests {
  @Test(
    "in full",
    arguments: [
      (.count, 0, "0"), (.count, 1234, "1,234"), (.count, 1_234_567, "1,234,567"),
      (.ratio, 0.1234, "12.3 %"), (.ratio, 1, "100.0 %"), (.ratio, 0.9999, "100.0 %"),
      (.milliseconds, 0.44, "0.4 ms"), (.milliseconds, 350.4, "350 ms"),
      (.milliseconds, 1400, "1.4 s"), (.milliseconds, 240_000, "4.0 min"),
      (.seconds, 7200, "2.0 h"), (.number, 1.005, "1.00"), (.number, 12, "12"),
      (.number, -3.5, "-3.50"), (.count, .nan, "–"),
    ] as [(Quantity, Double, String)])
  func full(quantity: Quantity, value: Double, text: String) {
    #expect(quantity.text(value) == text)
  }

  @Test(
    "on an axis",
    arguments: [
      (.count, 0, "0"), (.count, 950, "950"), (.count, 1500, "1.5k"), (.count, 2_500_000, "2.5M"),
      (.ratio, 0.25, "25 %"), (.milliseconds, 250, "250 ms"), (.milliseconds, 1500, "1.5 s"),
      (.number, 0.05, "0.05"),
    ] as [(Quantity, Double, String)])
  func short(quantity: Quantity, value: Double, text: String) {
    #expect(quantity.shortText(value) == text)
  }
}
