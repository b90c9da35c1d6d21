import Foundation
import Testing

@Suite("analytics erase-user", .timeLimit(.minutes(60)))
struct EraseUserTests {
  private let user = "9f1d3c52-0a0b-4b6e-8f3b-2c55701ed4a7"

  private func lines() -> String {
    let fields = [
      #""type":"task_created","task_id":"\#(UUID())","user_id":"\#(user)","command":"ssh ada""#,
      #""type":"auth_login_attempt","user_id":"\#(user)","email":"ada@example.org","success":true"#,
      #""type":"application_error","service":"web","error_type":"E","error_message":"\#(user)?""#,
      #""type":"custom","user_id":"\#(user.uppercased())","plan":"pro","seats":3"#,
    ]
    return fields.map { #"{"timestamp":"2026-11-01T08:09:10Z","event":{\#($0)}}"# + "\n" }.joined()
  }

  @Test(
    "erases the person, reports it by table, and stays in effect when the file is imported again")
  func erased() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let lines = lines()
      _ = try await database.importing("--privacy", "full", "-", input: lines + goodLine(1))
      let outcome = try await analytics(
        "erase-user", user, "--json", environment: environment)
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      #expect(outcome.output.hasPrefix(#"{"erased_at":"20"#))
      #expect(outcome.output.contains(#""events":3,"mentions":1,"partitions_to_drop":0,"rows":{"#))
      #expect(outcome.output.contains(#""analytics_users_kept":1"#))

      let again = try await database.importing("--privacy", "full", "-", input: lines)
      #expect(again.summary.duplicates == 4)
      let exported = try await analytics("export", environment: environment).output
      #expect(exported.split(separator: "\n").count == 5)
      for text in [user, user.uppercased(), "ssh", "ada@", "pro\""] {
        #expect(!exported.contains(text), "\(text) in \(exported)")
      }
      #expect(exported.contains(#""seats":3"#) || exported.contains(#""seats": 3"#))
      let verified = try await analytics("rollups", "verify", environment: environment)
      #expect(verified.output == "all rollups match the raw events\n")
      let second = try await analytics("erase-user", user, environment: environment)
      #expect(
        second.output.hasPrefix("nothing is stored of this user\nthe user's events dated before 20")
      )
    }
  }

  @Test("leaves rows that can be exported, and imported elsewhere")
  func exported() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      _ = try await database.importing("-", input: lines())
      _ = try await analytics("erase-user", user, environment: environment)
      let exported = try await analytics("export", environment: environment).output
      try await ImportDatabase.with { other in
        let taken = try await other.importing("--as-stored", "-", input: exported)
        #expect(taken.summary == Summary(lines: 4, stored: 4), "\(taken.outcome.error)")
      }
    }
  }

  @Test("requires an id and tables, and reports it in one line")
  func refused() async throws {
    let outcome = try await analytics("erase-user", "ada")
    #expect(outcome.exitCode == 64 && outcome.error.contains("ada is not the id of a user"))
  }
}
