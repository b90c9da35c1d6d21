import AnalyticsPostgres
import AnalyticsTestSupport
import AnalyticsText
import Testing

/// The server reads back what was quoted.
@Suite("Texts within SQL")
struct QuotingTests {
  @Test(
    "a literal is its text, whatever the server thinks of backslashes", arguments: ["on", "off"])
  func literals(isConforming: String) async throws {
    try await withConnection { connection in
      try await connection.execute(
        "SET standard_conforming_strings = \(isConforming); SET escape_string_warning = off")
      for texts in JoinedTexts.pairs.chunked(500) {
        let list = texts.map(SQLText.literal).joined(separator: ", ")
        let row = try await connection.query("SELECT ARRAY[\(list)] AS texts").only()
        let read = try row.decode([String].self, "texts")
        #expect(read.map(\.bytes) == texts.map(\.bytes))
      }
    }
  }

  @Test("a quoted name is that name")
  func identifiers() async throws {
    try await withConnection { connection in
      for names in JoinedTexts.pairs.chunked(500) {
        let list = names.map { "1 AS \(SQLText.identifier($0))" }.joined(separator: ", ")
        let rows = try await connection.query("SELECT \(list)")
        #expect(rows.columnNames.map(\.bytes) == names.map(\.bytes))
      }
    }
  }
}

extension Array {
  fileprivate func chunked(_ size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
