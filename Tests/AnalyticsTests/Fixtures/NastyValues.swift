import AnalyticsTestSupport
import Foundation

/// Extreme values.
extension SeededGenerator {
  /// A text with characters that encoders handle specially. It has no U+FEFF, because the oracle, Foundation's
  /// JSONSerialization, loses it at the start and after escapes.
  mutating func nastyText(lengthMax: Int = 40) -> String {
    let edges: [Unicode.Scalar] = [
      "\0", "\u{1}", "\u{1f}", " ", "\"", "\\", "/", "\u{7f}", "\u{80}", "é", "\u{2028}",
      "\u{2029}",
      "\u{FFFD}", "\u{10FFFF}", "🧪", "日", "\n", "\r", "\t", "{", "}", "x",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<below(lengthMax + 1) {
      text.append(chance(0.7) ? pick(["a", "b", "c"]) : pick(edges))
    }
    return String(text)
  }

  mutating func double() -> Double {
    pick([
      .nan, .infinity, -.infinity, -0.0, 0, 1, -1, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
      -.leastNormalMagnitude, 0.1, 1e21, 1e-7, Double(bitPattern: next()),
      Double.random(in: -1e6...1e6, using: &self),
    ])
  }

  mutating func integer() -> Int {
    pick([.min, .max, 0, -1, 1, 9, 10, 99, 100, -10, Int(truncatingIfNeeded: next()), below(1000)])
  }
}
