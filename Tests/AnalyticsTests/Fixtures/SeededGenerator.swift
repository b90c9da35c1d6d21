import Foundation

/// Random numbers that a test can have again: SplitMix64 (Steele, Lea, Flood).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

extension SeededGenerator {
  /// Seeded from `ANALYTICS_TEST_SEED`, else anew; prints the seed, so that a failure can be had
  /// again.
  static func printingSeed(_ test: String = #function) -> SeededGenerator {
    let given = ProcessInfo.processInfo.environment["ANALYTICS_TEST_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("ANALYTICS_TEST_SEED=\(seed) \(test)")
    return SeededGenerator(seed: seed)
  }
}

extension SeededGenerator {
  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
  mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  mutating func uuid() -> UUID {
    let (high, low) = (next(), next())
    return unsafeBitCast((high, low), to: UUID.self)
  }

  /// A text that is likely to meet the edges of an encoder. Without U+FEFF, which the oracle,
  /// Foundation's JSONSerialization, loses at the start and after escapes.
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
