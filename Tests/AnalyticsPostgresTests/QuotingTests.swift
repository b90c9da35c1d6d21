import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

/// The server reads back what was interpolated.
@Suite("Texts within SQL")
struct QuotingTests {
  @Test("a value is its text: the server never reads it as SQL")
  func values() async throws {
    try await withConnection { connection in
      for texts in JoinedTexts.pairs.chunked(500) {
        let list = texts.map { "\($0)" as SQL }.joined(separator: ", ")
        let row = try await connection.query("SELECT ARRAY[\(list)] AS texts" as SQL).only()
        #expect(try row.decode([String].self, "texts").map(\.bytes) == texts.map(\.bytes))
      }
    }
  }

  @Test(
    "a literal is its text, whatever the server thinks of backslashes", arguments: ["on", "off"])
  func literals(isConforming: String) async throws {
    try await withConnection { connection in
      try await connection.execute(
        "SET standard_conforming_strings = \(isConforming); SET escape_string_warning = off")
      for texts in JoinedTexts.pairs.chunked(500) {
        let list = texts.map { "\(literal: $0)" as SQL }.joined(separator: ", ")
        let row = try await connection.query("SELECT ARRAY[\(list)] AS texts" as SQL).only()
        #expect(try row.decode([String].self, "texts").map(\.bytes) == texts.map(\.bytes))
      }
    }
  }

  @Test("a quoted name is that name")
  func identifiers() async throws {
    try await withConnection { connection in
      for names in JoinedTexts.pairs.chunked(500) {
        let list = names.map { "1 AS \(identifier: $0)" as SQL }.joined(separator: ", ")
        let rows = try await connection.query("SELECT \(list)" as SQL)
        #expect(rows.columnNames.map(\.bytes) == names.map(\.bytes))
      }
    }
  }

  @Test("a text of a million signs is quoted in no longer than a million texts of one")
  func linear() {
    for sign in ["'", "\"", "\\", "\u{200D}", "\u{600}", "a\u{308}"] {
      let long = String(repeating: sign, count: 1_000_000)
      let time = ContinuousClock().measure {
        _ = SQL.literal(long)
        _ = SQL.identifier(long)
      }
      #expect(time < .seconds(300), "\(sign.debugDescription) \(time)")
    }
  }
}

extension Array {
  fileprivate func chunked(_ size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
