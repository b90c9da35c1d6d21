import AnalyticsPostgres
import AnalyticsTestKit
import AnalyticsTestSupport
import AnalyticsText
import Testing

@testable import AnalyticsReports

@Suite("Sets of members that the server sends", .timeLimit(.minutes(60)))
struct MemberRowsTests {
  /// Some members of a group, in one piece and chunk.
  private struct Part {
    var piece: Int
    var group: String
    var chunk: Int
    var places: [Int]
  }

  private func parts(_ random: inout SeededGenerator) -> [Part] {
    (0..<random.below(30)).map { _ in
      // If places need more bytes than bits, they are sent as bits.
      let count = random.pick([1, 5, 1999, 2001])
      return Part(
        piece: random.below(4), group: random.pick(["", "a", "b"]), chunk: random.below(3),
        places: Set((0..<count).map { _ in random.below(32_000) }).sorted())
    }
  }

  private static let places: SQL = "unnest(string_to_array(p.places, ' ')::int[]) AS u (place)"
  private static let bits: SQL = """
    (SELECT string_agg(CASE WHEN u.place IS NULL THEN '0' ELSE '1' END, '' ORDER BY g.place)
     FROM generate_series(0, 31999) AS g (place) LEFT JOIN \(places) USING (place))::bit(32000)
    """
  private static let packed: SQL = "(SELECT string_agg(int2send(u.place::int2), '') FROM \(places))"

  /// Adds the parts in rows of their own. In the form that is copied, pieces are days of 2000.
  private func add(
    _ parts: [Part], _ kind: Int, to rows: inout MemberRows, _ connection: PostgresConnection
  ) async throws {
    let lists =
      parts.map { part in
        let places = part.places.map(String.init).joined(separator: " ")
        return
          "(\(literal: part.piece), \(literal: part.group), \(literal: part.chunk), \(literal: places))"
      } as [SQL]
    let values: SQL = """
      (VALUES \((lists + ["(NULL, NULL, NULL, NULL)"]).joined(separator: ", ")))
      AS p (piece, name, chunk, places) WHERE piece IS NOT NULL
      """
    if kind == 1 {
      let copy: SQL = """
        COPY (SELECT '2000-01-01 00:00:00+00'::timestamptz + interval '1 day' * piece::int, name, chunk::int,
                     CASE WHEN array_length(string_to_array(places, ' '), 1) < 2000 THEN \(Self.packed)
                          ELSE substr(bit_send(\(Self.bits)), 5) END
              FROM \(values)) TO STDOUT (FORMAT binary)
        """
      let pieces = (0..<4).map { piece in
        RangeCover.Piece(
          level: .quarterly, lower: piece * RangeCover.day, upper: (piece + 1) * RangeCover.day)
      }
      return try await rows.add(
        copying: copy, on: connection, dimensions: 1, pieces: pieces, firstPiece: 4)
    }
    let members = kind == 0 ? Self.bits : Self.packed
    try rows.add(
      try await connection.query(
        "SELECT piece::int8, name, chunk::int8, \(members) FROM \(values)"),
      kind == 0 ? .bits : .places, dimensions: 1, firstPiece: 4 * kind)
  }

  @Test("are merged by range, chunk and group, in any form")
  func property() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      for _ in 0..<10 {
        var rows = MemberRows()
        // The ranges that each piece belongs to. The pieces of the three forms have different numbers.
        let ranges = (0..<12).map { _ in (0..<5).filter { _ in random.chance(0.4) } }
        var expected: [String: Set<Int>] = [:]
        for index in 0..<3 {
          let parts = parts(&random)
          try await add(parts, index, to: &rows, fixture.connection)
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

  @Test("that are invalid are refused")
  func refused() async throws {
    try await ReportFixture.with { fixture in
      let forms: [(SQL, MemberRows.Form)] = [
        ("NULL::bytea", .places), ("B'1'", .bits), ("'\\x7d00'::bytea", .places),
      ]
      for (value, form) in forms {
        var rows = MemberRows()
        try rows.add(try await fixture.connection.query("SELECT 0, 0, \(value)"), form)
        let error = #expect(throws: PostgresError.self) { try rows.forEachChunk([[0]]) { _ in } }
        #expect(error?.code == .decoding)
      }
      let piece = RangeCover.Piece(level: .quarterly, lower: 0, upper: RangeCover.day)
      let copies: [SQL] = [
        "NULL::timestamptz, 0, '\\x00'::bytea",
        "'2000-01-01Z'::timestamptz, 0::bigint, '\\x00'::bytea",
        "'2000-01-01Z'::timestamptz, 0, NULL::bytea",
        "'2000-01-01Z'::timestamptz, 0, '\\x00'::bytea",
        "'2000-01-01Z'::timestamptz, 0",
      ]
      for copy in copies {
        var rows = MemberRows()
        let error = await #expect(throws: PostgresError.self) {
          try await rows.add(
            copying: "COPY (SELECT \(copy)) TO STDOUT (FORMAT binary)", on: fixture.connection,
            dimensions: 0, pieces: [piece], firstPiece: 0)
          try rows.forEachChunk([[0]]) { _ in }
        }
        #expect(error?.code == .decoding, "\(copy)")
      }
      // The connection is still usable.
      #expect(try await fixture.connection.query("SELECT 1").value(Int.self) == 1)
    }
  }
}
