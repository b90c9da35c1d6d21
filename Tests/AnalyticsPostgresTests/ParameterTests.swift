import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Parameters and rows")
struct ParameterTests {
  @Test("numbers and truth values round-trip, including extremes")
  func numbers() async throws {
    try await withConnection { connection in
      for value in [Int64.min, -1, 0, 1, .max] {
        #expect(try await connection.echo(.int8(value), "int8") as Int64 == value)
      }
      for value in [Int32.min, 0, .max] {
        #expect(try await connection.echo(.int4(value), "int4") as Int32 == value)
        #expect(try await connection.echo(.int4(value), "int4") as Int64 == Int64(value))
      }
      for value in [Int16.min, 0, .max] {
        #expect(try await connection.echo(.int2(value), "int2") as Int16 == value)
        #expect(try await connection.echo(.int2(value), "int2") as Int == Int(value))
      }
      for value in [true, false] {
        #expect(try await connection.echo(.bool(value), "bool") as Bool == value)
      }
      let doubles = [
        0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity,
      ]
      for value in doubles {
        let echo: Double = try await connection.echo(.float8(value), "float8")
        #expect(echo.bitPattern == value.bitPattern)
      }
      #expect(try await (connection.echo(.float8(.nan), "float8") as Double).isNaN)
    }
  }

  @Test("texts round-trip")
  func texts() async throws {
    try await withConnection { connection in
      for value in ["", "a", "'; DROP TABLE t; --", "ü€😀", "line\nbreak\ttab\u{1}", "{\"a\":1}"] {
        #expect(try await connection.echo(.text(value), "text") as String == value)
        #expect(try await connection.echo(.text(value), "varchar") as String == value)
      }
      let json: String = try await connection.echo(.jsonb(#"{"b": "ü", "a": [1, null]}"#), "jsonb")
      #expect(json == #"{"a": [1, null], "b": "ü"}"#)
      let bytes = [UInt8](0...255)
      #expect(try await connection.echo(.bytea(bytes), "bytea") as [UInt8] == bytes)
      #expect(try await connection.echo(.bytea([]), "bytea") as [UInt8] == [])
    }
  }

  @Test("identifiers and timestamps round-trip")
  func identifiersAndMoments() async throws {
    try await withConnection { connection in
      let id = UUID()
      #expect(try await connection.echo(.uuid(id), "uuid") as UUID == id)
      let moments: [PostgresTimestamp] = [
        .infinity, .minusInfinity, PostgresTimestamp(microseconds: 0),
        PostgresTimestamp(microseconds: -1), PostgresTimestamp(microseconds: 812_345_678_901_234),
      ]
      for moment in moments {
        let echo: PostgresTimestamp = try await connection.echo(
          .timestamptz(moment), "timestamptz")
        #expect(echo == moment)
      }
      let date = Date(timeIntervalSince1970: 1_700_000_000.123456)
      let row = try await connection.query(
        "SELECT $1::timestamptz = '2023-11-14T22:13:20.123456Z' AS same, $1 AS echo",
        [.timestamptz(date)]
      ).only()
      #expect(try row.decode(Bool.self, "same"))
      #expect(try abs(row.decode(Date.self, "echo").timeIntervalSince(date)) < 0.000_001)
    }
  }

  @Test("a date beyond PostgreSQL's range becomes infinite, and NaN is refused")
  func strangeDates() async throws {
    let far = Date(timeIntervalSinceReferenceDate: 1e300)
    #expect(PostgresTimestamp(far) == .infinity)
    #expect(PostgresTimestamp(Date(timeIntervalSinceReferenceDate: -1e300)) == .minusInfinity)
    let none = Date(timeIntervalSinceReferenceDate: .nan)
    try await withConnection { connection in
      let error = await postgresError {
        _ = try await connection.query("SELECT $1::timestamptz", [.timestamptz(none)])
      }
      #expect(error?.sqlState == SQLState(rawValue: "22008"))
      #expect(error?.isDataError == true)
    }
  }

  @Test("arrays round-trip, including empty ones")
  func arrays() async throws {
    try await withConnection { connection in
      let numbers: [Int64] = [.min, 0, .max]
      #expect(try await connection.echo(.int8Array(numbers), "int8[]") as [Int64] == numbers)
      #expect(try await connection.echo(.int8Array([]), "int8[]") as [Int64] == [])
      let texts = ["", "NULL", "{}", "a,b", "\"\\", "😀"]
      #expect(try await connection.echo(.textArray(texts), "text[]") as [String] == texts)
      let ids = (0..<3).map { _ in UUID() }
      #expect(try await connection.echo(.uuidArray(ids), "uuid[]") as [UUID] == ids)
      let moments = [Int64.min, 0, .max].map(PostgresTimestamp.init(microseconds:))
      let echo: [PostgresTimestamp] = try await connection.echo(
        .timestamptzArray(microseconds: moments.map(\.microseconds)), "timestamptz[]")
      #expect(echo == moments)
      let doubles = [0.5, -.infinity]
      #expect(try await connection.echo(.float8Array(doubles), "float8[]") as [Double] == doubles)
      let gaps = try await connection.query("SELECT ARRAY['a', NULL, 'c'] AS gaps").only()
      #expect(try gaps.decode([String?].self, "gaps") == ["a", nil, "c"])
    }
  }

  @Test("twenty thousand elements, encoded by the caller, are passed as one parameter")
  func rawArray() async throws {
    func bigEndian(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    var bytes = [1, 0, 20, 20_000, 1].flatMap(bigEndian)
    for value in Int64(1)...20_000 {
      bytes += bigEndian(8) + withUnsafeBytes(of: value.bigEndian, Array.init)
    }
    try await withConnection { connection in
      let row = try await connection.query(
        "SELECT sum(n)::int8 AS sum, count(*) AS count FROM unnest($1) n",
        [.raw(oid: PostgresType.int8Array.rawValue, bytes: bytes)]
      ).only()
      #expect(try row.decode(Int64.self, "sum") == 200_010_000)
      #expect(try row.decode(Int64.self, "count") == 20_000)
    }
  }

  @Test("a value in text form, NULL and literals are parameters too")
  func otherForms() async throws {
    try await withConnection { connection in
      let row = try await connection.query(
        "SELECT $1::numeric::text AS number, $2::int8 AS nothing, $3 || 'b' AS text, NOT $4 AS no",
        [.raw(oid: 1700, bytes: Array("12.50".utf8), binary: false), nil, "a", true]
      ).only()
      #expect(try row.decode(String.self, "number") == "12.50")
      #expect(try row.decode(Int64?.self, "nothing") == nil)
      #expect(try row.decode(String.self, "text") == "ab")
      #expect(try row.decode(Bool.self, "no") == false)
    }
  }
}

@Suite("Strict decoding")
struct DecodingTests {
  @Test(
    "a wrong type is an error that names column and type",
    arguments: [
      ("sum(n)", "numeric", "Int64"), ("'secret'::text", "text", "Int64"),
      ("now()::date", "date", "Int64"), ("1.5::float8", "float8", "Int64"),
      ("'{1}'::int4[]", "OID 1007", "Int64"),
    ])
  func wrongType(expression: String, type: String, target: String) async throws {
    try await withConnection { connection in
      let row = try await connection.query(
        "SELECT \(expression) AS amount FROM (VALUES (7::int8)) t (n) GROUP BY n"
      ).only()
      let error = await postgresError { _ = try row.decode(Int64.self, "amount") }
      #expect(error?.code == .decoding)
      #expect(error?.column == "amount")
      #expect(error?.description.contains(type) == true)
      #expect(error?.description.contains(target) == true)
      #expect(error?.description.contains("secret") == false)
    }
  }

  @Test("a number is never narrowed")
  func narrowing() async throws {
    try await withConnection { connection in
      let row = try await connection.query("SELECT 1::int8 AS n, 1::int4 AS m").only()
      #expect(await postgresError { _ = try row.decode(Int32.self, "n") }?.code == .decoding)
      #expect(await postgresError { _ = try row.decode(Int16.self, "m") }?.code == .decoding)
    }
  }

  @Test("NULL can only be read as an optional")
  func null() async throws {
    try await withConnection { connection in
      let row = try await connection.query("SELECT NULL::text AS nothing, 'x' AS some").only()
      let error = await postgresError { _ = try row.decode(String.self, "nothing") }
      #expect(error?.description.contains("column nothing is NULL") == true)
      #expect(try row.decode(String?.self, "nothing") == nil)
      #expect(try row.decode(String?.self, "some") == "x")
      // The type is checked even if the value is NULL.
      #expect(await postgresError { _ = try row.decode(Int64?.self, "nothing") } != nil)
    }
  }

  @Test("infinity is a timestamp but not a date")
  func infinity() async throws {
    try await withConnection { connection in
      let row = try await connection.query("SELECT 'infinity'::timestamptz AS at").only()
      #expect(try row.decode(PostgresTimestamp.self, "at") == .infinity)
      #expect(await postgresError { _ = try row.decode(Date.self, "at") }?.code == .decoding)
    }
  }

  @Test("a missing column, a missing row and an additional row are errors")
  func shape() async throws {
    try await withConnection { connection in
      let rows = try await connection.query("SELECT n FROM generate_series(1, 2) n")
      let error = await postgresError { _ = try rows[0].decode(Int.self, "m") }
      #expect(error?.description.contains("no column m") == true)
      #expect(await postgresError { _ = try rows[0].decode(Int.self, at: 1) } != nil)
      #expect(await postgresError { _ = try rows.only() }?.code == .decoding)
    }
  }
}

extension PostgresConnection {
  fileprivate func echo<Value: PostgresDecodable>(
    _ parameter: PostgresParameter, _ type: String
  ) async throws -> Value {
    try await query("SELECT $1::\(type) AS echo", [parameter]).only().decode(Value.self, "echo")
  }
}
