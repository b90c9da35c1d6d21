import AnalyticsPostgres
import AnalyticsTestKit
import AnalyticsTestSupport
import AnalyticsText
import Testing

@testable import AnalyticsReports

@Suite("Sets of members as the server sends them", .timeLimit(.minutes(30)))
struct MemberRowsTests {
  /// Some members of a piece, group and chunk.
  private struct Part {
    var piece: Int
    var group: String
    var chunk: Int
    var places: [Int]
  }

  private func parts(_ random: inout SeededGenerator) -> [Part] {
    (0..<random.below(30)).map { _ in
      // Places that as bytes are more than bits are sent as bits.
      let count = random.pick([1, 5, 1999, 2001])
      return Part(
        piece: random.below(4), group: random.pick(["", "a", "b"]), chunk: random.below(3),
        places: Set((0..<count).map { _ in random.below(32_000) }).sorted())
    }
  }

  private func rows(
    _ parts: [Part], _ form: MemberRows.Form, _ fixture: ReportFixture
  ) async throws -> PostgresRows {
    let places: SQL = "unnest(string_to_array(p.places, ' ')::int[]) AS u (place)"
    let bits: SQL = """
      (SELECT string_agg(CASE WHEN u.place IS NULL THEN '0' ELSE '1' END, '' ORDER BY g.place)
       FROM generate_series(0, 31999) AS g (place) LEFT JOIN \(places) USING (place))
      """
    let packed: SQL = "(SELECT string_agg(int2send(u.place::int2), '') FROM \(places))"
    let isPacked: SQL = "array_length(string_to_array(p.places, ' '), 1) < 2000"
    let members: SQL =
      switch form {
      case .bits: "\(bits)::bit(32000)"
      case .bitsOrPlaces:
        """
        NOT \(isPacked), CASE WHEN \(isPacked) THEN \(packed)
             ELSE substr(bit_send(\(bits)::bit(32000)), 5)
                  || substr(bit_send(\(bits)::bit(32000)), 5) END
        """
      case .places: packed
      }
    let sql: SQL = """
      SELECT p.piece, p.name, p.chunk, \(members)
      FROM unnest(\(parts.map(\.piece)), \(parts.map(\.group)), \(parts.map(\.chunk)),
                  \(parts.map { $0.places.map(String.init).joined(separator: " ") }))
          AS p (piece, name, chunk, places)
      """
    return try await fixture.connection.query(sql)
  }

  @Test("are put together by range, chunk by chunk and group by group, whatever their form")
  func property() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      for _ in 0..<10 {
        var rows = MemberRows()
        // Ranges by piece; the pieces of one form lie behind those of another.
        let ranges = (0..<12).map { _ in (0..<5).filter { _ in random.chance(0.4) } }
        var expected: [String: Set<Int>] = [:]
        for (index, form) in [MemberRows.Form.bits, .bitsOrPlaces, .places].enumerated() {
          let parts = parts(&random)
          try rows.add(
            try await self.rows(parts, form, fixture), form, dimensions: 1, firstPiece: 4 * index)
          for part in parts {
            for range in ranges[4 * index + part.piece] {
              expected["\(range) \(part.group) \(part.chunk)", default: []]
                .formUnion(part.places)
            }
          }
        }
        var found: [String: Set<Int>] = [:]
        var order: [Int] = []
        try rows.forEachChunk(ranges) { chunk in
          order.append(chunk.number)
          for (range, set) in chunk.sets {
            let key = "\(range) \(chunk.group[0].text) \(chunk.number)"
            #expect(found[key] == nil, "once, seed \(random.seed)")
            found[key] = Set(set.places)
          }
        }
        #expect(found == expected, "seed \(random.seed)")
        #expect(order == order.sorted(), "seed \(random.seed)")
      }
    }
  }

  @Test("that cannot be read are refused")
  func refused() async throws {
    try await ReportFixture.with { fixture in
      let forms: [(SQL, MemberRows.Form)] = [
        ("NULL::bytea", .places), ("B'1'", .bits), ("'\\x7d00'::bytea", .places),
        ("false, '\\x00'::bytea", .bitsOrPlaces), ("true, '\\x00'::bytea", .bitsOrPlaces),
        ("true, ''::bytea", .bitsOrPlaces),
      ]
      for (value, form) in forms {
        var rows = MemberRows()
        try rows.add(try await fixture.connection.query("SELECT 0, 0, \(value)"), form)
        let error = #expect(throws: PostgresError.self) { try rows.forEachChunk([[0]]) { _ in } }
        #expect(error?.code == .decoding)
      }
    }
  }
}
