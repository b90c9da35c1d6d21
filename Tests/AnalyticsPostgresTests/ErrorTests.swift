import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

@Suite("Errors")
struct ErrorTests {
  static let secret = "tops3cret"

  struct Case: Sendable, CustomTestStringConvertible {
    var sql: String
    var state: String
    var isData = false
    var testDescription: String { state }
  }

  /// An exception with an SQLSTATE chosen by a function, and with a message that quotes a value.
  private static func raise(_ state: String) -> String {
    "DO $$ BEGIN RAISE EXCEPTION '\(secret)' USING ERRCODE = '\(state)'; END $$"
  }

  static let cases = [
    Case(sql: "SELECT '\(secret)'::int4", state: "22P02", isData: true),
    Case(sql: "SELECT '\(secret)'::timestamptz", state: "22007", isData: true),
    Case(sql: "SELECT '{\"\(secret)'::jsonb", state: "22P02", isData: true),
    Case(sql: "INSERT INTO t VALUES ('\(secret)', 1)", state: "23505", isData: true),
    Case(sql: "INSERT INTO t VALUES ('\(secret)-2', -1)", state: "23514", isData: true),
    Case(sql: "INSERT INTO t VALUES ('\(secret)-3', NULL)", state: "23502", isData: true),
    Case(sql: "SELECT '\(secret)' '\(secret)'", state: "42601"),
    Case(sql: "DO $$ BEGIN RAISE EXCEPTION '\(secret)'; END $$", state: "P0001", isData: true),
    Case(sql: raise("AB123"), state: "AB123", isData: true),
    Case(sql: raise("45000"), state: "45000", isData: true),
    Case(sql: raise("P0002"), state: "P0002", isData: true),
    Case(sql: raise("44000"), state: "44000", isData: true),
    Case(sql: raise("P0000"), state: "P0000"),
    Case(sql: raise("TS101"), state: "TS101"),
    Case(sql: raise("XX999"), state: "XX999"),
    Case(sql: "SELECT '\(secret)' FROM missing", state: "42P01"),
    Case(sql: "SELECT missing('\(secret)')", state: "42883"),
    Case(sql: "INSERT INTO missing.t VALUES ('\(secret)')", state: "42P01"),
  ]

  @Test("an error has its SQLSTATE, and no value", arguments: cases)
  func noValues(of sample: Case) async throws {
    try await withConnection { connection in
      try await connection.execute(
        """
        CREATE TABLE t (k text PRIMARY KEY, n int8 NOT NULL CHECK (n > 0));
        INSERT INTO t VALUES ('\(Self.secret)', 1)
        """)
      for useScript in [false, true] {
        let error = try #require(
          await postgresError {
            if useScript {
              try await connection.execute(sample.sql)
            } else {
              _ = try await connection.query(sample.sql)
            }
          })
        #expect(error.code == .server(SQLState(rawValue: sample.state)))
        #expect(!"\(error)".contains(Self.secret))
        var dumped = ""
        dump(error, to: &dumped)
        #expect(!dumped.contains(Self.secret))
        #expect("\(error)".contains(sample.state))
        #expect(!"\(error)".contains("\n"))
        #expect(error.isDataError == sample.isData)
      }
      #expect(try await connection.query("SELECT 1").count == 1)
    }
  }

  @Test("an error of a constraint names the constraint and its table")
  func names() async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TABLE t (k text CONSTRAINT short CHECK (k < 'b'))")
      let error = await postgresError {
        _ = try await connection.query("INSERT INTO t VALUES ($1)", ["c"])
      }
      #expect(error?.constraint == "short")
      #expect(error?.table == "t")
      #expect(error?.description.contains("constraint short") == true)
    }
  }

  @Test("temporary errors are transient; only those of the data itself are data errors")
  func classes() {
    func error(_ state: String) -> PostgresError {
      PostgresError(.server(SQLState(rawValue: state)), "")
    }
    for state in [
      "08006", "40001", "40P01", "53100", "53300", "55P03", "25006", "57014", "57P01", "57P03",
      "58030",
    ] {
      #expect(error(state).isTransient, "\(state)")
      #expect(!error(state).isDataError, "\(state)")
    }
    for state in ["42P01", "42501", "3F000", "42883", "42703", "28P01"] {
      #expect(!error(state).isTransient, "\(state)")
      #expect(!error(state).isDataError, "\(state)")
    }
    for state in ["22P02", "23505", "22021", "54000"] {
      #expect(!error(state).isTransient, "\(state)")
      #expect(error(state).isDataError, "\(state)")
    }
    #expect(!error("54001").isDataError)
  }

  @Test("text that the database cannot hold is a data error")
  func zeroByte() async throws {
    try await withConnection { connection in
      let error = await postgresError {
        _ = try await connection.query("SELECT $1", ["\(Self.secret)\0"])
      }
      #expect(error?.sqlState == SQLState(rawValue: "22021"))
      #expect(error?.isDataError == true)
    }
  }
}
