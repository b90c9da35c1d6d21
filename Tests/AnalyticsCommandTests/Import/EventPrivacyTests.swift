import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Privacy of events from the shell and from files", .timeLimit(.minutes(60)))
struct EventPrivacyTests {
  struct Case: CustomStringConvertible {
    var preset: String
    var hasKey: Bool
    /// The stored values of `state`, `email` and `note`. `A` is the hash of the address, `S` that of the state.
    var state: String?
    var email: String?
    var note: String?
    var description: String { "\(preset), \(hasKey ? "with" : "without") a key" }
  }

  static let cases = [
    Case(
      preset: "full", hasKey: true, state: "SECRET", email: "Bob@Example.org",
      note: "bob@example.org"),
    Case(
      preset: "standard", hasKey: false, state: "SECRET", email: "@example.org",
      note: "@example.org"),
    Case(preset: "standard", hasKey: true, state: "SECRET", email: "A", note: "A"),
    Case(preset: "strict", hasKey: false),
    Case(preset: "strict", hasKey: true, state: "S", email: "A", note: "A"),
  ]

  @Test("an event outside the catalogue is treated by the preset on every path", arguments: cases)
  func undeclared(case: Case) async throws {
    let json =
      #"{"type":"x","state":"SECRET","email":"Bob@Example.org","note":"bob@example.org","n":1}"#
    try await ImportDatabase.with { database in
      try await database.running(
        [
          "track", "x", "state=SECRET", "email=Bob@Example.org", "note=bob@example.org", "n:=1",
        ], `case`)
      try await database.running(["track", "-"], `case`, input: json)
      try await database.running(
        ["import", "-"], `case`, input: #"{"timestamp":"2026-11-01T00:00:00Z","event":\#(json)}"#)
      let rows = try await database.query("SELECT data::text FROM analytics_events")
      let stored = try rows.map { row in
        try JSONDecoder().decode(
          Stored.self, from: Data(try row.decode(String.self, at: 0).utf8))
      }
      #expect(stored.count == 3)
      #expect(Set(stored).count == 1)
      let one = try #require(stored.first)
      #expect(one.n == 1)
      let hashes = ["A": one.email, "S": one.state]
      for (found, expected) in [
        (one.state, `case`.state), (one.email, `case`.email), (one.note, `case`.note),
      ] {
        guard let expected, let hash = hashes[expected] else {
          #expect(found == expected)
          continue
        }
        #expect(found == hash && found?.hasPrefix("hmac:") == true && found?.utf8.count == 37)
      }
    }
  }

  @Test(
    "an OAuth state is stored under neither spelling, and both are the same event", arguments: cases
  )
  func state(case: Case) async throws {
    try await ImportDatabase.with { database in
      for type in ["oauth_flow_started", "o_auth_flow_started"] {
        try await database.running(
          ["track", type, "state=SECRET", "provider=github", "--user", someUUID], `case`)
        let event =
          #"{"type":"\#(type)","state":"SECRET","provider":"github","user_id":"\#(someUUID)"}"#
        try await database.running(["track", "-"], `case`, input: event)
        try await database.running(
          ["import", "-"], `case`,
          input: #"{"timestamp":"2026-11-01T00:00:00Z","event":\#(event)}"#)
      }
      #expect(try await database.countsByType == ["oauth_flow_started": 6])
      #expect(
        try await database.number(
          "SELECT count(*) FROM analytics_events WHERE data = '{\"provider\": \"github\"}'") == 6)
    }
  }

  @Test("an event exported and imported under the same preset is the same row", arguments: cases)
  func again(case: Case) async throws {
    let events = [
      #""type":"x","email":"Bob@Example.org","note":"bob","deep":[{"e_mail":["Bob","b@c.de"],"n":1}]"#,
      #""type":"x","by_address":{"bob@example.org":1,"Bob Smith":{"mail":"bob"}},"a b":"c","no":null"#,
      #""type":"o_auth_flow_completed","user_id":"\#(someUUID)","provider":"p","success":false,"#
        + #""error":"bob@example.org","hint":"bob@example.org""#,
      #""type":"auth_login_attempt","email":"Bob@Example.org","success":true,"ip":"10.0.0.1""#,
    ]
    let lines = events.map { #"{"timestamp":"2026-11-01T00:00:00Z","event":{\#($0)}}"# + "\n" }
    try await ImportDatabase.with { first in
      try await first.running(["import", "-"], `case`, input: lines.joined())
      let exported = try await first.exporting()
      try await ImportDatabase.with { second in
        try await second.running(["import", "-"], `case`, input: exported.output)
        #expect(try await first.rows.count == events.count)
        #expect(try await first.rows == second.rows)
      }
    }
  }
}

private struct Stored: Decodable, Hashable {
  var state: String?
  var email: String?
  var note: String?
  var n: Int
}

extension ImportDatabase {
  fileprivate func running(
    _ arguments: [String], _ case: EventPrivacyTests.Case, input: String? = nil
  ) async throws {
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    let run = try CommandRun(
      arguments + ["--privacy", `case`.preset],
      environment: ["DATABASE_URL": url, "ANALYTICS_PRIVACY_KEY": `case`.hasKey ? key : ""],
      takesInput: input != nil)
    if let input {
      try run.send(input)
      try run.closeInput()
    }
    let outcome = try await run.outcome()
    #expect(outcome.exitCode == 0, "\(outcome.error)")
  }
}
