import Foundation

/// Random numbers that a test can have again: SplitMix64 (Steele, Lea, Flood 2014).
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

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// One more, for a thread of its own.
  mutating func fork() -> SeededGenerator { SeededGenerator(seed: next()) }

  /// Seeded from `ANALYTICS_TEST_SEED`, else anew; prints the seed, so that a run can be repeated.
  static func printingSeed(_ test: String = #function) -> SeededGenerator {
    let given = ProcessInfo.processInfo.environment["ANALYTICS_TEST_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("ANALYTICS_TEST_SEED=\(seed) \(test)")
    return SeededGenerator(seed: seed)
  }
}
