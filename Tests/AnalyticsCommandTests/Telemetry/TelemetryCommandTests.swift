import AnalyticsTestSupport
import Foundation
import Testing

@Suite("analytics telemetry", .timeLimit(.minutes(60)))
struct TelemetryCommandTests {
  private func telemetry(
    _ url: String, _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> CommandRun.Outcome {
    let run = try CommandRun(
      ["telemetry"] + arguments,
      environment: environment.merging(["DATABASE_URL": url]) { own, _ in own })
    return try await run.outcome()
  }

  @Test("is off, shows what would be sent, and lists waiting documents once it is on")
  func whole() async throws {
    try await ImportDatabase.with { database in
      let off = try await telemetry(database.url)
      #expect(off.exitCode == 0)
      #expect(off.output == "off: nothing is sent\ndelivered: 0\nwaiting: 0\n")

      let shown = try await telemetry(database.url, "show")
      #expect(shown.exitCode == 0 && shown.output.hasSuffix("}\n"), "\(shown.error)")
      let document = try #require(
        JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
      #expect(document["snapshot"] != nil && document["notice"] == nil)

      // No collector listens on this port.
      let run = try CommandRun(
        ["telemetry", "run", "--period", "1", "--interval", "1"],
        environment: [
          "DATABASE_URL": database.url,
          "ANALYTICS_TELEMETRY_URL": "http://127.0.0.1:1/telemetry",
        ])
      var on = try await telemetry(database.url)
      while !on.output.contains(": the collector did not answer") {
        try Task.checkCancellation()
        on = try await telemetry(database.url)
      }
      #expect(on.output.hasPrefix("on since "))
      #expect(on.output.contains(", to http://127.0.0.1:1/telemetry\n"))
      #expect(on.output.contains(": the collector did not answer: Connection refused\n"))
      run.signal(SIGTERM)
      let ended = try await run.outcome()
      #expect(ended.exitCode == 0)
      // There is one line, even if many attempts fail.
      #expect(
        ended.errorLines.count { $0.contains("telemetry could not be sent") } <= 1, "\(ended.error)"
      )

      let json = try await telemetry(database.url, "status", "--json").output
      let status = try #require(
        JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      #expect(status["delivered"] as? Int == 0)
      #expect((status["waiting"] as? [Any])?.isEmpty == false)

      // The notice cannot be delivered either, but telemetry is off nevertheless.
      let turnedOff = try await telemetry(database.url, "off")
      #expect(turnedOff.exitCode != 0 && turnedOff.error.contains("the collector did not answer"))
      let after = try await telemetry(database.url).output
      #expect(
        after.hasPrefix("off: nothing is sent\n")
          && after.contains("the notice that telemetry is off"))
      #expect(after.contains("waiting: 1\n"))
    }
  }

  @Test("reports in one line what to do without a collector, or with an invalid one")
  func refused() async throws {
    try await ImportDatabase.with { database in
      for (arguments, words) in [
        (["run"], "no collector: give --to"),
        (["run", "--to", "http://telemetry.example.org/"], "begin the collector's URL with https"),
        (["run", "--to", "nonsense"], "malformed"),
        (["run", "--to", "https://a/", "--period", "0"], "--period"),
      ] {
        let run = try CommandRun(
          ["telemetry"] + arguments, environment: ["DATABASE_URL": database.url])
        let outcome = try await run.outcome()
        #expect(outcome.exitCode != 0)
        #expect(outcome.error.contains(words), "\(outcome.error)")
      }
      let again = try await telemetry(database.url, "off")
      #expect(again.exitCode == 0 && again.output == "telemetry is off\n", "\(again.error)")
    }
  }
}
