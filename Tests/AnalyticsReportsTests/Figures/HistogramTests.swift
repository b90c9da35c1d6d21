import AnalyticsPostgres
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Histograms")
struct HistogramTests {
  private static let percentiles = ["0.1", "50", "75", "95", "99", "99.9", "100"]
    .compactMap(Percentile.init)

  @Test("have percentiles within 1 %, equal to PostgreSQL's, after any additions and subtractions")
  func percentiles() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      for _ in 0..<40 {
        let limit = random.pick([1, 2, 60, 5000, 9_000_000_000_000_000])
        let kept = (0..<1 + random.below(200)).map { _ in random.below(limit) }
        let others = (0..<random.below(50)).map { _ in random.below(limit) }
        // The entries of a histogram may come from days and from quarters of an hour, in different encodings.
        let encodings: [Histogram.Encoding] = [.entries, .arrays].shuffled(using: &random)
        let all = try await sent(kept + others, as: encodings[0], fixture)
        let less = try await sent(others, as: encodings[1], fixture)
        var histogram = Histogram()
        #expect(all.withUnsafeBytes { histogram.add($0, encodings[0], sign: 1) })
        #expect(less.withUnsafeBytes { histogram.add($0, encodings[1], sign: -1) })
        #expect(histogram.count == kept.count)
        for percentile in Self.percentiles {
          let found = try #require(histogram.percentile(percentile))
          let exact = Double(kept.sorted()[percentile.rank(of: kept.count) - 1])
          #expect(abs(found - exact) <= exact * 0.0100001, "seed \(random.seed)")
          let asked: Double = try await fixture.connection.query(
            """
            SELECT analytics_percentile(array_agg(analytics_histogram_entry(n)), $2::float8)
            FROM unnest($1) AS n
            """, [.int8Array(kept.map(Int64.init)), .float8(Double(percentile.text)!)]
          ).only().decode(at: 0)
          #expect(abs(found - asked) <= asked * 1e-12, "seed \(random.seed)")
        }
      }
    }
  }

  /// The form in which reports receive histograms: several, one after the other.
  private func sent(
    _ numbers: [Int], as encoding: Histogram.Encoding, _ fixture: ReportFixture
  ) async throws -> [UInt8] {
    let bytes = encoding == .arrays ? "array_send" : "analytics_histogram_bytes"
    return try await fixture.connection.query(
      """
      SELECT coalesce(string_agg(\(bytes)(part), ''), '') FROM (
          SELECT array_agg(analytics_histogram_entry(n)) AS part
          FROM unnest($1) WITH ORDINALITY AS u (n, i) GROUP BY i / 7) AS parts
      """, [.int8Array(numbers.map(Int64.init))]
    ).only().decode(at: 0)
  }

  @Test("without entries have no percentile; invalid bytes are refused")
  func nothing() {
    #expect(Histogram().percentile(.p50) == nil)
    var histogram = Histogram()
    for bytes: [UInt8] in [[1], [0, 0, 0, 1], Array(repeating: 255, count: 40)] {
      #expect(!bytes.withUnsafeBytes { histogram.add($0, .arrays, sign: 1) })
      #expect(!bytes.withUnsafeBytes { histogram.add($0, .entries, sign: 1) })
    }
    // An empty array.
    let empty: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20]
    #expect(empty.withUnsafeBytes { histogram.add($0, .arrays, sign: 1) })
    #expect([].withUnsafeBytes { histogram.add($0, .entries, sign: 1) })
    #expect(histogram.count == 0)
  }

  @Test("read percentiles as numbers above 0, at most 100; ranks are exact")
  func reading() throws {
    #expect(Percentile("99.9")?.name == "p99_9")
    #expect(Percentile("99.99")?.name == "p99_99")
    #expect(Percentile("50")?.name == "p50")
    #expect(Percentile("100")?.name == "p100")
    #expect(Percentile("0.5")?.name == "p0_5")
    for text in ["99.9", "99.99", "50", "100", "0.5"] {
      #expect(Percentile(text)?.text == text)
    }
    for text in ["0", "100.1", "-1", "x", "", "1e1", "99.99999", "nan", "0x10", "."] {
      #expect(Percentile(text) == nil, "\(text)")
    }
    // In binary, 99.9 % of 1000 is slightly more than 999.
    #expect(Percentile("99.9")?.rank(of: 1000) == 999)
    #expect(Percentile("0.1")?.rank(of: 1) == 1)
    #expect(Percentile.p50.rank(of: 5) == 3)
    #expect(Percentile.p95.rank(of: 1 << 60) == 1_095_275_429_376_504_628)
  }
}

extension Percentile {
  fileprivate var text: String { String(name.dropFirst()).replacing("_", with: ".") }
}
