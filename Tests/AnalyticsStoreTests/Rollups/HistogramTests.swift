import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Testing

@Suite("Histograms in the database")
struct HistogramTests {
  @Test("count numbers that arrive a few at a time once each, in bounded space")
  func added() async throws {
    var random = SeededGenerator.printingSeed()
    try await withStore { store in
      try await store.migrator().apply()
      for most in [1, 3, 40, 300] {
        var oracle: [Int64: Int64] = [:]
        var histogram: [Int64] = []
        var longest = 0
        for _ in 0..<60 {
          let added = (0..<random.number(0...most)).map { _ in
            let (slot, times) = (Int64(random.below(200)), Int64(random.number(1...9)))
            oracle[slot, default: 0] += times
            return slot << 48 + times
          }
          histogram = try await store.connection.query(
            "SELECT analytics_histogram_add($1, $2)", [.int8Array(histogram), .int8Array(added)]
          ).only().decode(at: 0)
          longest = max(longest, histogram.count)
        }
        var counted: [Int64: Int64] = [:]
        for entry in histogram { counted[entry >> 48, default: 0] += entry & (1 << 48 - 1) }
        #expect(counted == oracle, "seed \(random.seed)")
        // 200 slots, and the entries that arrive before the next 64 entries are merged.
        #expect(longest <= 200 + 64 + most, "seed \(random.seed)")
        let sorted: [Int64] = try await store.connection.query(
          "SELECT analytics_histogram_sorted($1)", [.int8Array(histogram)]
        ).only().decode(at: 0)
        #expect(sorted == oracle.sorted { $0.key < $1.key }.map { $0.key << 48 + $0.value })
      }
    }
  }
}
