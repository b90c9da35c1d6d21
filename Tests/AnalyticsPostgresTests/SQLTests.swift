import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("SQL as a value")
struct SQLTests {
  @Test("values are numbered across all parts, in order")
  func numbers() {
    let isRecent: SQL = "day >= \(1) AND day < \(2)"
    let isKnown: SQL = "name = ANY (\(["a", "b"]))"
    var statement: SQL = "SELECT \(identifier: "a \"b\"") FROM t WHERE \(isRecent)"
    statement += " AND \(isKnown) LIMIT \(literal: 5) OFFSET \(6)"
    #expect(
      statement.description
        == #"SELECT "a ""b""" FROM t WHERE day >= $1 AND day < $2 AND name = ANY ($3) "#
        + "LIMIT 5 OFFSET $4")
    #expect(
      [isRecent, isKnown, isRecent].joined(separator: " OR ").description
        == "day >= $1 AND day < $2 OR name = ANY ($3) OR day >= $4 AND day < $5")
    #expect([SQL]().joined(separator: ", ").isEmpty)
    #expect(SQL.positions(1...3).description == "1, 2, 3")
  }

  @Test("a statement's description contains no value")
  func shown() {
    let secret = "it's a secret"
    #expect("SELECT \(secret)" as SQL == "SELECT $1")
    #expect(!"\("SELECT \(secret), \([secret])" as SQL)".contains("secret"))
  }

  @Test("the server gets each kind of value unchanged")
  func kinds() async throws {
    let id = UUID()
    let instant = PostgresTimestamp(microseconds: -1_234_567)
    let date = Date(timeIntervalSince1970: 1_790_000_000.5)
    let noUser: UUID? = nil
    let user: UUID? = id
    try await withConnection { connection in
      let row = try await connection.query(
        """
        SELECT \(true) AS flag, \(Int32(-3)) AS int4, \(Int64.min) AS int8, \(Int.max) AS int,
               \(1.5) AS double, \("Ünï'\\") AS text, \(id) AS id, \(instant) AS instant,
               \(date) AS date, \([UInt8](0...255)) AS bytes, \([1, 2]) AS ints,
               \([Int64.max]) AS int8s, \([0.5]) AS doubles, \(["", "a,b"]) AS texts,
               \([id]) AS ids, \([instant, .infinity]) AS instants, \([date]) AS dates,
               \(noUser)::uuid AS no_user, \(user) AS a_user,
               \(PostgresParameter.jsonb(#"{"a": 1}"#)) AS json
        """ as SQL
      ).only()
      #expect(try row.decode(Bool.self, "flag"))
      #expect(try row.decode(Int32.self, "int4") == -3)
      #expect(try row.decode(Int64.self, "int8") == .min)
      #expect(try row.decode(Int.self, "int") == .max)
      #expect(try row.decode(Double.self, "double") == 1.5)
      #expect(try row.decode(String.self, "text") == "Ünï'\\")
      #expect(try row.decode(UUID.self, "id") == id)
      #expect(try row.decode(PostgresTimestamp.self, "instant") == instant)
      #expect(try row.decode(Date.self, "date") == date)
      #expect(try row.decode([UInt8].self, "bytes") == [UInt8](0...255))
      #expect(try row.decode([Int64].self, "ints") == [1, 2])
      #expect(try row.decode([Int64].self, "int8s") == [.max])
      #expect(try row.decode([Double].self, "doubles") == [0.5])
      #expect(try row.decode([String].self, "texts") == ["", "a,b"])
      #expect(try row.decode([UUID].self, "ids") == [id])
      #expect(try row.decode(UUID?.self, "no_user") == nil)
      #expect(try row.decode(UUID?.self, "a_user") == id)
      #expect(try row.decode(String.self, "json") == #"{"a": 1}"#)
      let counts = try await connection.query(
        "SELECT unnest(\([instant, .infinity])) = ANY (\([instant])) AS same" as SQL)
      #expect(try counts.values(of: Bool.self) == [true, false])
    }
  }

  @Test("a query's value is that of its only row; its values are those of its first column")
  func values() async throws {
    try await withConnection { connection in
      #expect(try await connection.query("SELECT 7::int8, 8" as SQL).value(Int.self) == 7)
      #expect(try await connection.query("SELECT NULL::int8" as SQL).value(Int?.self) == nil)
      let rows = try await connection.query("SELECT generate_series(1, 3)::int8" as SQL)
      #expect(try rows.values(of: Int.self) == [1, 2, 3])
      #expect(throws: PostgresError.self) { try rows.value(Int.self) }
      #expect(throws: PostgresError.self) { try rows.values(of: String.self) }
    }
  }
}

extension SQL {
  fileprivate static func == (sql: SQL, text: String) -> Bool { sql.description == text }
}
