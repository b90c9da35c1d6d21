import Analytics
import Foundation

/// A random number generator that gives the same numbers for the same seed: SplitMix64 (Steele, Lea
/// and Flood).
struct DemoChance: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }

  /// A random number above 0 and up to 1.
  mutating func fraction() -> Double { Double(next() >> 11 | 1) / Double(1 << 53) }

  mutating func happens(_ probability: Double) -> Bool { fraction() <= probability }

  mutating func one<Element>(of elements: [Element]) -> Element {
    elements[Int.random(in: elements.indices, using: &self)]
  }

  /// A gap between independent events (exponential distribution).
  mutating func gap(mean: Double) -> Double { -mean * log(fraction()) }

  /// A duration (log-normal distribution): half of all durations are above the median, a few far
  /// above it.
  mutating func duration(median: Double, spread: Double) -> Double {
    let normal = (-2 * log(fraction())).squareRoot() * cos(2 * .pi * fraction())
    return median * exp(spread * normal)
  }

  mutating func uuid(version: UInt8 = 4) -> UUID {
    let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    return UUID(first16: bytes, version: version)
  }
}
