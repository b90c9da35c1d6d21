import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

@Suite("`analytics rollups verify`", .timeLimit(.minutes(60)))
struct VerifyCommandTests {
  @Test("lists ranges that were not compared, and exits with 1 only if figures differ")
  func stillToBeComputed() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      _ = try await database.importing("-", input: goodLine(1) + goodLine(2))
      let connection = database.connection
      try await connection.rollUp()
      let day: String = try await connection.query(
        "SELECT analytics_day(min(timestamp))::text FROM analytics_events" as SQL
      ).value()
      try await connection.execute(
        "UPDATE analytics_rollup_events_v1 SET events = events + 1")
      let wrong = try await analytics("rollups", "verify", environment: environment)
      #expect(wrong.exitCode == 1)
      #expect(
        wrong.output.hasPrefix("analytics_rollup_events_v1: 1 row differs, from 2026-11-01 08:"))

      // The state of a new rollup, or of one whose definition failed on this day.
      _ = try await connection.query(
        """
        INSERT INTO analytics_rollup_pending (name, version, lower, upper)
        VALUES ('events', 1, \(day)::timestamptz, \(day)::timestamptz + interval '1 day')
        """ as SQL)
      let later = try await analytics("rollups", "verify", environment: environment)
      #expect(later.exitCode == 0)
      #expect(
        later.output == """
          ranges still to be computed, which were not compared: 1 (`analytics rollups refresh`)
          all other ranges match the raw events

          """)
      _ = try await analytics("rollups", "refresh", environment: environment)
      let right = try await analytics("rollups", "verify", environment: environment)
      #expect(right.output == "all rollups match the raw events\n")
    }
  }
}
