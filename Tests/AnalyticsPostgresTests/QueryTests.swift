import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

@Suite("Statements")
struct QueryTests {
  @Test("a query returns its rows, with columns by name and by position")
  func rows() async throws {
    try await withConnection { connection in
      let rows = try await connection.query(
        "SELECT n, n * 2 AS double FROM generate_series(1, $1::int8) n", [3])
      #expect(rows.count == 3)
      #expect(rows.columnNames == ["n", "double"])
      #expect(try rows.map { try $0.decode(Int64.self, "double") } == [2, 4, 6])
      #expect(try rows[2].decode(Int64.self, at: 0) == 3)
      #expect(rows.affectedRows == 3)
    }
  }

  @Test("a script runs many statements in one transaction")
  func script() async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int8); INSERT INTO t VALUES (1), (2)")
      let error = await postgresError {
        try await connection.execute("INSERT INTO t VALUES (3); INSERT INTO missing VALUES (4)")
      }
      #expect(error?.sqlState == .unknownTable)
      let count = try await connection.query("SELECT count(*) FROM t").only()
      #expect(try count.decode(Int.self, at: 0) == 2)
    }
  }

  @Test("a statement without rows reports the number of affected rows")
  func affectedRows() async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int8)")
      let rows = try await connection.query(
        "INSERT INTO t SELECT * FROM generate_series(1, 7) RETURNING 1 AS one")
      #expect(rows.affectedRows == 7)
      #expect(try await connection.query("DELETE FROM t WHERE n > $1", [5]).affectedRows == 2)
      #expect(try await connection.query("").isEmpty)
    }
  }

  @Test("a large answer and a large parameter are supported")
  func large() async throws {
    try await withConnection { connection in
      let text = String(repeating: "ü", count: 3_000_000)
      let row = try await connection.query("SELECT $1 AS echo", [.text(text)]).only()
      #expect(try row.decode(String.self, "echo") == text)
    }
  }

  @Test("a COPY in a plain query is refused with one clear line")
  func copyInQuery() async throws {
    try await withConnection { connection in
      let error = await postgresError {
        _ = try await connection.query("COPY (SELECT 1) TO STDOUT")
      }
      #expect(error?.code == .protocolViolation)
      #expect(await connection.isBroken)
    }
  }

  @Test("the server's notices are not printed")
  func notices() async throws {
    try await withConnection { connection in
      try await connection.execute("DO $$ BEGIN RAISE NOTICE 'not for stderr'; END $$")
      try await connection.execute("DROP TABLE IF EXISTS missing")
      #expect(await connection.serverVersion >= 130_000)
    }
  }
}
