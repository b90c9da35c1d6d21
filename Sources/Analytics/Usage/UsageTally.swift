import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The positions of the counters and sets of a tracker's kinds in a ``UsageTally``.
struct UsageLayout: Sendable {
  let kinds: [UsageKind]
  /// The positions of each kind's first counter and first set.
  let firstCounters: [Int]
  let firstSets: [Int]
  let counterCount: Int
  let setCount: Int

  /// - Precondition: At most 64 kinds with distinct names.
  init(_ kinds: [UsageKind]) {
    precondition(kinds.count <= 64, "a tracker can have at most 64 usage kinds")
    precondition(
      Set(kinds.map { ExactString($0.name) }).count == kinds.count,
      "two usage kinds have the same name")
    self.kinds = kinds
    var (counters, sets) = ([0], [0])
    for kind in kinds {
      counters.append(counters[counters.count - 1] + kind.counters.count)
      sets.append(sets[sets.count - 1] + kind.sets.count)
    }
    counterCount = counters.removeLast()
    setCount = sets.removeLast()
    (firstCounters, firstSets) = (counters, sets)
  }
}

/// The usage tracked since the last flush. It is flat, because every nested array would slow down
/// each call.
struct UsageTally: Sendable {
  struct Members: Sendable {
    var ids = IDTable()
    var texts: Set<ExactString> = []

    var count: Int { ids.count + texts.count }
  }

  /// The largest value of a counter, and of a field that a rollup sums. It leaves room in
  /// PostgreSQL's `bigint` for the sum of a thousand flushes.
  static let counterMax: Int64 = 9_000_000_000_000_000

  /// One bit per kind: whether it was tracked.
  var touched: UInt64 = 0
  var counters: [Int64]
  var sets: [Members]

  init(_ layout: UsageLayout) {
    counters = Array(repeating: 0, count: layout.counterCount)
    sets = (0..<layout.setCount).map { _ in Members() }
  }

  var memberCount: Int { sets.reduce(0) { $0 + $1.count } }

  /// Counts any number that a caller gave; a negative one counts as 0.
  @inline(__always)
  mutating func count(_ number: Int, at place: Int) {
    Self.raise(&counters[place], by: min(max(0, Int64(number)), Self.counterMax))
  }

  /// Neither number is above the maximum, so their sum does not overflow.
  @inline(__always)
  private static func raise(_ counter: inout Int64, by increase: Int64) {
    counter = min(counter &+ increase, counterMax)
  }

  mutating func add(_ other: UsageTally) {
    touched |= other.touched
    for place in counters.indices { Self.raise(&counters[place], by: other.counters[place]) }
    for place in sets.indices {
      sets[place].ids.formUnion(other.sets[place].ids)
      sets[place].texts.formUnion(other.sets[place].texts)
    }
  }
}
