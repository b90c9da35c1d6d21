import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

/// The server reads the interpolated texts back.
@Suite("Texts within SQL")
struct QuotingTests {
  @Test("a value is passed as text: the server never reads it as SQL")
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

  @Test("the server reads a quoted name as exactly that name")
  func identifiers() async throws {
    try await withConnection { connection in
      for names in JoinedTexts.pairs.chunked(500) {
        let list = names.map { "1 AS \(identifier: $0)" as SQL }.joined(separator: ", ")
        let rows = try await connection.query("SELECT \(list)" as SQL)
        #expect(rows.columnNames.map(\.bytes) == names.map(\.bytes))
      }
    }
  }

  @Test("a quoted body is read as a whole, whatever it contains")
  func bodies() async throws {
    let signs = ["$body$", "$body_$", "$$", "$body$ LANGUAGE sql; --", "\n$body", "$"]
    try await withConnection { connection in
      for texts in [signs, signs.reversed(), ["$body$"], ["$body_$"]]
        + JoinedTexts.pairs.chunked(500)
      {
        let list = texts.map { "\(literal: $0) AS \(identifier: $0)" as SQL }.joined(
          separator: ", ")
        try await connection.execute(
          """
          CREATE OR REPLACE FUNCTION pg_temp.texts() RETURNS jsonb LANGUAGE sql
              AS \(body: "SELECT to_jsonb(t) FROM (SELECT \(list)) AS t")
          """ as SQL)
        for text in texts {
          let read = try await connection.query(
            "SELECT pg_temp.texts()->>\(text) AS text" as SQL
          ).value(String.self)
          #expect(read.bytes == text.bytes)
        }
      }
    }
  }

  @Test("a text with a zero byte, which PostgreSQL cannot hold, is refused as a whole")
  func zeroBytes() async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TEMPORARY TABLE kept (text text)")
      let text = "a\0'); INSERT INTO kept VALUES ('b"
      for part in ["\(text)", "\(literal: text)", "'' AS \(identifier: text)"] as [SQL] {
        await #expect(throws: PostgresError.self) {
          _ = try await connection.query("INSERT INTO kept SELECT \(part)" as SQL)
        }
      }
      #expect(try await connection.query("SELECT count(*) FROM kept" as SQL).value(Int.self) == 0)
    }
  }

  @Test("quoting a text of a million characters takes no longer than a million texts of one")
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
