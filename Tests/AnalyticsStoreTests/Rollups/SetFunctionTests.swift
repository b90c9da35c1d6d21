import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// Compares the SQL functions that make sets with Swift's own sets.
@Suite("Sets in SQL")
struct SetFunctionTests {
  /// Sizes around the one from which bits need fewer bytes than places, and the largest size.
  private static let sizes = [0, 1, 2, 1999, 2000, 2001, 31_999, 32_000]

  private static func packed(_ parameter: String) -> String {
    """
    analytics_packed((SELECT coalesce(string_agg(int2send(p::int2), '' ORDER BY p), '')
                      FROM unnest(\(parameter)) AS p))
    """
  }

  @Test("union, removal and membership are correct, and each set has one form")
  func model() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      try await store.migrator().apply()
      var generator = SeededGenerator(seed: seed)
      func places(_ size: Int) -> Set<Int64> {
        Set((0..<32_000).shuffled(using: &generator).prefix(size).map(Int64.init))
      }
      for size in Self.sizes {
        for other in [size, Self.sizes[Int.random(in: 0..<Self.sizes.count, using: &generator)]] {
          let (one, two) = (places(size), places(other))
          let place = Int64.random(in: 0..<32_000, using: &generator)
          let row = try await store.connection.query(
            """
            SELECT length(one) AS bytes, ARRAY(SELECT analytics_places(one)::int8) AS places,
                   bit_count(analytics_bits(one)) AS count,
                   analytics_united(one, two) = \(Self.packed("$4")) AS is_united,
                   (SELECT analytics_union(s) FROM unnest(ARRAY[two, one, two]) AS s) = \(Self.packed("$4"))
                       AS is_union,
                   analytics_without(one, $2::int4[]) = \(Self.packed("$5")) AS is_without,
                   analytics_without(analytics_bits(one), $2::int4[]) = analytics_bits(\(Self.packed("$5")))
                       AS is_without_bits,
                   analytics_has(one, $3) AS has, analytics_has(analytics_bits(one), $3) AS has_bit
            FROM (SELECT \(Self.packed("$1")) AS one, \(Self.packed("$2")) AS two) AS s
            """,
            [
              .int8Array(Array(one)), .int8Array(Array(two)), .int4(Int32(place)),
              .int8Array(Array(one.union(two))), .int8Array(Array(one.subtracting(two))),
            ]
          ).only()
          #expect(try row.decode(Int.self, "bytes") == (size < 2000 ? 2 * size : 4000))
          #expect(try row.decode([Int64].self, "places") == one.sorted())
          #expect(try row.decode(Int.self, "count") == size)
          for name in ["is_united", "is_union", "is_without", "is_without_bits"] {
            #expect(try row.decode(Bool.self, name), "\(name) of \(size) and \(other)")
          }
          for name in ["has", "has_bit"] {
            #expect(try row.decode(Bool.self, name) == one.contains(place), "\(name) of \(size)")
          }
        }
      }
    }
  }
}
