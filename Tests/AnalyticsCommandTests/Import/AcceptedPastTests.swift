import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("The earliest time of events that import and track accept", .timeLimit(.minutes(60)))
struct AcceptedPastTests {
  private static let user = "00000000-0000-4000-8000-0000000000aa"

  private static func signup(_ timestamp: String) -> String {
    #"{"timestamp":"\#(timestamp)","event":{"type":"signup","user_id":"\#(user)"}}"# + "\n"
  }

  @Test("an event of the year 1 is rejected and reported, and its user stays unknown")
  func zeroTime() async throws {
    try await ImportDatabase.with { database in
      let (summary, outcome) = try await database.importing(
        "-", input: Self.signup("0001-01-01T00:00:00Z") + Self.signup("2026-11-25T10:00:00Z"))
      #expect(summary.stored == 1 && summary.rejected == 1 && summary.bad == 0)
      #expect(outcome.exitCode == 1)
      #expect(outcome.output.contains(#""rejected_by_reason":{"past":1}"#), "\(outcome.output)")
      #expect(outcome.error.contains("dated before 2000-01-01T00:00:00"), "\(outcome.error)")
      #expect(
        try await database.text("SELECT min(first_day)::date::text FROM analytics_users")
          == "2026-11-25")
    }
  }

  @Test("the bound itself is accepted, and a microsecond earlier is rejected")
  func bound() async throws {
    try await ImportDatabase.with { database in
      let (summary, _) = try await database.importing(
        "-",
        input: Self.signup("2000-01-01T00:00:00Z") + Self.signup("1999-12-31T23:59:59.999999Z"))
      #expect(summary.stored == 1 && summary.rejected == 1)
    }
  }

  @Test("--accepts-from and the services' variable accept older events, as a day or an instant")
  func older() async throws {
    try await ImportDatabase.with { database in
      let input = Self.signup("1582-10-10T12:00:00Z") + Self.signup("1969-07-20T20:17:40Z")
      let (some, _) = try await database.importing(
        "-", "--accepts-from", "1900-01-01", input: input)
      #expect(some.stored == 1 && some.rejected == 1)
      let run = try CommandRun(
        ["import", "--json", "-"],
        environment: ["DATABASE_URL": database.url, "ANALYTICS_ACCEPTS_FROM": "0001-01-01"],
        takesInput: true)
      try run.send(input)
      try run.closeInput()
      let all = try Summary(try await run.outcome())
      #expect(all.stored == 1 && all.duplicates == 1 && all.rejected == 0)
      // PostgreSQL, export and reports show the same day.
      #expect(
        try await database.text(
          "SELECT min(timestamp AT TIME ZONE 'UTC')::text FROM analytics_events")
          == "1582-10-10 12:00:00")
      for arguments in [
        ["export", "--from", "1582-10-10", "--to", "1582-10-11"],
        [
          "report", "events-by-type", "--from", "1582-10-10", "--to", "1582-10-11", "--format",
          "csv",
        ],
      ] {
        let outcome = try await CommandRun(
          arguments, environment: ["DATABASE_URL": database.url]
        ).outcome()
        #expect(outcome.output.contains("1582-10-10"), "\(arguments): \(outcome)")
        #expect(outcome.output.contains("signup"), "\(arguments): \(outcome)")
      }
    }
  }

  @Test(
    "stored events may be older: --as-stored keeps their rows, unless --accepts-from is given")
  func asStored() async throws {
    try await ImportDatabase.with { database in
      let input = Self.signup("0001-01-01T00:00:00Z") + Self.signup("2026-11-25T10:00:00Z")
      let (bounded, _) = try await database.importing(
        "-", "--as-stored", "--accepts-from", "2000-01-01", input: input)
      #expect(bounded.stored == 1 && bounded.rejected == 1)
      let (all, _) = try await database.importing("-", "--as-stored", input: input)
      #expect(all.stored == 1 && all.duplicates == 1 && all.rejected == 0)
    }
  }

  @Test("track reports why no event was stored, and --accepts-from stores it")
  func track() async throws {
    try await ImportDatabase.with { database in
      let refused = try await database.tracking("signup", "--at", "0001-01-01")
      #expect(refused.exitCode == 1)
      #expect(
        refused.error.contains("the event is dated before 2000-01-01T00:00:00"), "\(refused.error)")
      #expect(try await database.eventCount == 0)
      let taken = try await database.tracking(
        "signup", "--at", "0001-01-01", "--accepts-from", "0001-01-01")
      #expect(taken.exitCode == 0, "\(taken.error)")
      #expect(try await database.eventCount == 1)
    }
  }

  @Test("an invalid bound is an error, and not replaced by the default")
  func unreadable() async throws {
    try await ImportDatabase.with { database in
      let option = try await database.tracking("signup", "--accepts-from", "soon")
      #expect(option.exitCode != 0 && option.error.contains("accepts-from"), "\(option.error)")
      let variable = try await CommandRun(
        ["track", "signup"],
        environment: ["DATABASE_URL": database.url, "ANALYTICS_ACCEPTS_FROM": "soon"]
      ).outcome()
      #expect(variable.exitCode == 1)
      #expect(
        variable.error.contains("ANALYTICS_ACCEPTS_FROM is neither a time"), "\(variable.error)")
      #expect(try await database.eventCount == 0)
    }
  }
}
