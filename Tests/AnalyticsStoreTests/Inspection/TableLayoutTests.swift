import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsTestSupport
import Testing

@testable import AnalyticsStore

@Suite("Table layouts that doctor expects", .timeLimit(.minutes(60)))
struct TableLayoutTests {
  @Test("match a migrated database, column by column")
  func fresh() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      let rows = try await store.connection.query(
        """
        SELECT t.relname::text AS name, a.attname::text AS column_
        FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p')
          AND NOT t.relispartition AND a.attnum > 0 AND NOT a.attisdropped
        """)
      var there: [String: Set<String>] = [:]
      for row in rows {
        there[try row.decode(String.self, "name"), default: []].insert(
          try row.decode(String.self, "column_"))
      }
      let expected = TableLayout.all + Rollup.builtIn.flatMap(TableLayout.tables)
      #expect(Set(expected.map(\.name)).count == expected.count)
      #expect(
        there == Dictionary(uniqueKeysWithValues: expected.map { ($0.name, Set($0.columns)) }))
    }
  }
}
