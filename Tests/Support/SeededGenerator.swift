package import Foundation

/// Random numbers that a test can repeat: SplitMix64 (Steele, Lea, Flood 2014).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  package let seed: UInt64
  private var state: UInt64

  package init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

extension SeededGenerator {
  /// The value of `ANALYTICS_TEST_SEED`, or a new seed. It is printed, so that a run can be repeated.
  package static func seed(_ test: String = #function) -> UInt64 {
    let given = ProcessInfo.processInfo.environment["ANALYTICS_TEST_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("ANALYTICS_TEST_SEED=\(seed) \(test)")
    return seed
  }

  /// A generator with the test's seed.
  package static func printingSeed(_ test: String = #function) -> SeededGenerator {
    SeededGenerator(seed: seed(test))
  }

  /// A second generator, for another thread.
  package mutating func fork() -> SeededGenerator { SeededGenerator(seed: next()) }
}

extension SeededGenerator {
  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  package mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  package mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  package mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  package mutating func uuid() -> UUID {
    UUID(uuid: unsafeBitCast((next(), next()), to: uuid_t.self))
  }
}
