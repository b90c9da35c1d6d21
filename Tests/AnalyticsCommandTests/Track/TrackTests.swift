import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Tracking from the shell", .timeLimit(.minutes(60)))
struct TrackTests {
  @Test("an event is stored with its fields, user and origin, and its id is printed")
  func custom() async throws {
    try await ImportDatabase.with { database in
      let outcome = try await database.tracking(
        "deployed", "version=1.10", "name=it's \"x\"", "tags:=[\"a\"]", "text=\"3\"", "code=007",
        "took:=1.50", "trace:=18446744073709551615", "ok:= true ", "no:=null", "x=:=", "y::=\"z\"",
        "--user", someUUID, "--service", "ci", "--environment", "staging", "--at", "2026-11-01")
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      let row = try await database.text(
        """
        SELECT concat_ws(' ', id, timestamp AT TIME ZONE 'UTC', event_type, service, user_id,
                         environment, data)
        FROM analytics_events
        """)
      #expect(
        row == outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
          + " 2026-11-01 00:00:00 deployed ci \(someUUID) staging "
          + #"{"x": ":=", "no": null, "ok": true, "y:": "z", "code": "007", "name": "it's \"x\"", "#
          + #""tags": ["a"], "text": "\"3\"", "took": 1.50, "trace": 18446744073709551615, "#
          + #""version": "1.10"}"#)
    }
  }

  @Test("an event of the catalogue is checked, and privacy rules are applied")
  func catalogue() async throws {
    try await ImportDatabase.with { database in
      let outcome = try await database.tracking(
        "auth_login_attempt", "email=ada@example.org", "success=true", "error=404")
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      #expect(
        try await database.text("SELECT data::text FROM analytics_events")
          == #"{"email": "@example.org", "error": "404", "success": true}"#)
      #expect(
        try await database.number(
          """
          SELECT count(*) FROM analytics_events
          WHERE service = 'shell' AND abs(extract(epoch FROM timestamp - now())) < 60
          """) == 1)
    }
  }

  @Test("an event of the catalogue reads its fields as declared, or as JSON of their type")
  func declared() async throws {
    try await ImportDatabase.with { database in
      for fields in [
        ["error_type=E", "error_message=404", #"context={"a": [1.10]}"#],
        ["error_type:=\"E\"", "error_message:=\"404\"", #"context:={"a": [1.10]}"#],
      ] {
        let outcome = try await CommandRun(
          ["track", "application_error", "service=s"] + fields,
          environment: ["DATABASE_URL": database.url]
        ).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
      }
      #expect(
        try await database.text("SELECT string_agg(DISTINCT data::text, '|') FROM analytics_events")
          == #"{"context": {"a": [1.10]}, "error_type": "E", "error_message": "404"}"#)
      for fields in [
        ["duration_ms=5", "rows_affected:=3"], ["duration_ms:=5", "rows_affected=3"],
      ] {
        let outcome = try await CommandRun(
          ["track", "database_query", "service:=\"s\"", "query_type=q"] + fields,
          environment: ["DATABASE_URL": database.url]
        ).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
      }
      #expect(
        try await database.number(
          """
          SELECT count(*) FROM analytics_events
          WHERE data = '{"query_type": "q", "duration_ms": 5, "rows_affected": 3}'
          """) == 2)
    }
  }

  @Test("an event of the catalogue from standard input keeps its additional fields")
  func furtherFields() async throws {
    try await ImportDatabase.with { database in
      let outcome = try await analytics(
        "track", "-", environment: ["DATABASE_URL": database.url],
        input: "{\(started), \"colour\": \"red\", \"no\": null}")
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      #expect(
        try await database.text("SELECT data::text FROM analytics_events")
          == #"{"colour": "red", "task_id": "\#(someUUID)"}"#)
    }
  }

  @Test("a name becomes the same user each time, and another user with a privacy key")
  func userNames() async throws {
    try await ImportDatabase.with { database in
      for key in ["", "", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="] {
        let outcome = try await CommandRun(
          ["track", "seen", "--user", "ada"],
          environment: ["DATABASE_URL": database.url, "ANALYTICS_PRIVACY_KEY": key]
        ).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
      }
      #expect(
        try await database.number("SELECT count(DISTINCT user_id) FROM analytics_events") == 2)
    }
  }

  @Test("an event as JSON is read from standard input")
  func standardInput() async throws {
    try await ImportDatabase.with { database in
      let outcome = try await analytics(
        "track", "-", "--json", environment: ["DATABASE_URL": database.url],
        input: "{\n \"type\": \"deployed\",\n \"user_id\": \"\(someUUID)\", \"n\": 1e3 }\n")
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      let id = try await database.text("SELECT id::text FROM analytics_events")
      #expect(outcome.output == #"{"id":"\#(id ?? "none")"}"# + "\n")
      #expect(
        try await database.number(
          "SELECT count(*) FROM analytics_events WHERE user_id = '\(someUUID)' AND data = '{\"n\": 1000}'"
        ) == 1)
    }
  }

  @Test(
    "an error is reported in one line, and no event is stored",
    arguments: [
      (["task_started", "task_id=s3cret", "--user", "ada"], "task_id is not a UUID"),
      (["task_started", "task_id=\(someUUID)"], "give --user"),
      (["auth_login_attempt", "email=x", "succes=true"], "success is missing"),
      (["cocoon_connected", "cocoon_id=\(someUUID)", "extra=s3cret"], "has no field extra"),
      (["deployed", "s3cret"], "fields are given as name=value"),
      (["deployed", "a=1", "a=2"], "the field a is given twice"),
      (["deployed", "a=1", "a:=2"], "the field a is given twice"),
      (["deployed", "a:=s3cret"], "the value of a is not JSON"),
      (["deployed", "a:="], "the value of a is not JSON"),
      (["deployed", "a:=1 2"], "the value of a is not JSON"),
      (["deployed", "a:=1e999"], "a is out of range"),
      (["deployed", ":=1"], "fields are given as name=value"),
      (["deployed", "=1"], "fields are given as name=value"),
      (["cocoon_connected", "cocoon_id=\(someUUID)", "extra:=5"], "has no field extra"),
      (["auth_login_attempt", "email:=5", "success=true"], "email is not a text"),
      (["auth_login_attempt", "email=x", "success:=1"], "success is not true or false"),
      (["deployed", "service:=5"], "service is not a text"),
      (["deployed", "user_id=\(someUUID)"], "user_id is not a field"),
      ([String(repeating: "x", count: 101)], "not between 1 and 100 bytes"),
    ])
  func refused(arguments: [String], problem: String) async throws {
    try await ImportDatabase.with { database in
      let outcome = try await CommandRun(
        ["track"] + arguments, environment: ["DATABASE_URL": database.url]
      ).outcome()
      #expect(outcome.exitCode == 1)
      #expect(outcome.errorLines.count == 1, "\(outcome.error)")
      #expect(outcome.error.contains(problem), "\(outcome.error)")
      #expect(!outcome.error.contains("s3cret"))
      #expect(try await database.eventCount == 0)
    }
  }

  @Test("JSON that is not exactly one event is refused with the position")
  func badInput() async throws {
    for (input, problem) in [
      (#"{"type":"x"},"service":"y"}"#, "not valid JSON at byte 13"), ("[]", "event is not"),
      (#"{"a":1}"#, "type is missing"), ("", "not valid JSON at byte 1"),
    ] {
      let outcome = try await analytics(
        "track", "-", environment: ["DATABASE_URL": "postgres://127.0.0.1:1/x"], input: input)
      #expect(outcome.exitCode == 1)
      #expect(outcome.error.contains(problem), "\(outcome.error)")
    }
  }
}

extension ImportDatabase {
  func tracking(_ arguments: String...) async throws -> CommandRun.Outcome {
    try await CommandRun(["track"] + arguments, environment: ["DATABASE_URL": url]).outcome()
  }
}
