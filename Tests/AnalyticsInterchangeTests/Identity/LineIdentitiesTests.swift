import AnalyticsTestSupport
import Crypto
import Foundation
import Testing

@testable import AnalyticsInterchange

@Suite("Derived ids")
struct LineIdentitiesTests {
  private func ids(_ lines: [String]) -> [UUID] {
    var identities = LineIdentities()
    return lines.map { line in
      Array(line.utf8).withUnsafeBytes { identities.id(for: $0) }
    }
  }

  @Test("the same lines give the same ids every time")
  func stable() {
    let lines = ["a", "b", "a", "", "c", "a"]
    #expect(ids(lines) == ids(lines))
    #expect(ids(lines)[..<3] == ids(["a", "b", "a"])[...])
  }

  @Test("equal lines get ids of their own")
  func distinct() {
    #expect(Set(ids(Array(repeating: "same", count: 1000))).count == 1000)
  }

  @Test("the id is a UUIDv8 of SHA-256 over the line and its occurrence")
  func definition() throws {
    let third = ids(["x", "x", "y", "x"])[3]
    var bytes = Array(SHA256.hash(data: Array("x".utf8) + [0, 0, 0, 0, 0, 0, 0, 3]).prefix(16))
    bytes[6] = 0x80 | bytes[6] & 0x0f
    bytes[8] = 0x80 | bytes[8] & 0x3f
    #expect(withUnsafeBytes(of: third.uuid, Array.init) == bytes)
  }

  @Test("the number of an occurrence does not depend on other lines between")
  func otherLines() {
    #expect(ids(["a", "b", "c", "a"])[3] == ids(["a", "a"])[1])
  }
}

@Suite("Counting occurrences")
struct OccurrenceCounterTests {
  @Test("counts as a dictionary does")
  func likeDictionary() {
    let seed = SeededGenerator.seed()
    var random = SeededGenerator(seed: seed)
    var counter = OccurrenceCounter()
    var expected: [UInt64: UInt64] = [:]
    for _ in 0..<50_000 {
      // There are few values, so that they repeat. They are spread over the tables; 0 shares its count with 1.
      let value =
        UInt64.random(in: 0...3, using: &random) << 56 | .random(in: 1...5000, using: &random)
      expected[value, default: 0] += 1
      #expect(counter.count(value) == expected[value], "seed \(seed)")
    }
  }

  @Test("fingerprints 0 and 1 share a count")
  func zero() {
    var counter = OccurrenceCounter()
    #expect(counter.count(0) == 1)
    #expect(counter.count(1) == 2)
    #expect(counter.count(0) == 3)
  }
}
