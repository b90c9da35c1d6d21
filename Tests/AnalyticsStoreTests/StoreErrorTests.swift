import AnalyticsConnections
import AnalyticsPostgres
import Foundation
import Testing

@Suite("Store errors")
struct StoreErrorTests {
  private func error(_ code: PostgresError.Code, at place: String? = "db:5432/events") -> StoreError
  {
    StoreError(PostgresError(code, "it is so", destination: place), doing: "the erasure")
  }

  private func error(_ state: String) -> StoreError {
    error(.server(SQLState(rawValue: state)))
  }

  @Test("the code decides whether to retry, migrate, grant or give up")
  func codes() {
    let states: [(String, StoreError.Code)] = [
      ("42P01", .notMigrated), ("3F000", .notMigrated), ("42703", .notMigrated),
      ("42883", .notMigrated), ("42501", .notGranted), ("55P03", .busy), ("40P01", .busy),
      ("57014", .timedOut), ("57P01", .connection), ("53300", .connection), ("40001", .connection),
      ("25006", .failed), ("22P02", .failed), ("XX000", .failed),
    ]
    for (state, code) in states { #expect(error(state).code == code, "\(state)") }
    let codes: [(PostgresError.Code, StoreError.Code)] = [
      (.connectionFailed, .connection), (.connectionLost, .connection), (.poolClosed, .connection),
      (.poolExhausted, .connection), (.sharedSession, .connection), (.standbyLeft, .connection),
      (.invalidConfiguration, .configuration), (.cancelled, .cancelled), (.timedOut, .timedOut),
      (.lockUnavailable, .busy), (.decoding, .failed), (.protocolViolation, .failed),
    ]
    for (theirs, ours) in codes { #expect(error(theirs).code == ours, "\(theirs)") }
    #expect(StoreError(CancellationError(), doing: "the erasure").code == .cancelled)
  }

  @Test("the description has the task and the server's message, and the destination once")
  func texts() {
    #expect(
      error("42P01").description
        == "the analytics tables are missing or too old at db:5432/events: run `analytics migrate`")
    #expect(
      error("42501").description
        == "the erasure failed: it is so at db:5432/events [SQLSTATE 42501]; grant the right to this "
        + "database user")
    // The roles of a task have the right.
    func report(_ code: PostgresError.Code) -> String {
      let error = PostgresError(code, "it is so")
      return StoreError(error, doing: "the report", needing: "analytics_reader").description
    }
    #expect(
      report(.server(.insufficientPrivilege))
        == "the report failed: it is so [SQLSTATE 42501]; grant the right to this database user: "
        + "run `analytics migrate roles`, and grant the user analytics_reader")
    #expect(report(.lockUnavailable) == "the report failed: it is so")
    #expect(
      error("55P03").description
        == "the erasure failed: it is so at db:5432/events [SQLSTATE 55P03]")
    // All steps were done.
    #expect(
      error(.standbyLeft).description.hasPrefix(
        "it is so at db:5432/events; run the operation again"))
    #expect(error(.cancelled).description == "the erasure was cancelled")
    for state in ["42P01", "42501", "57014", "22P02"] {
      #expect(error(state).cause is PostgresError)
      #expect(error(state).description.components(separatedBy: "db:5432").count == 2)
    }
  }

  @Test("the description is one line with any database name")
  func oneLine() {
    for code in [PostgresError.Code.server(.unknownTable), .connectionLost, .cancelled] {
      let text = error(code, at: "db:5432/a\nb\u{2028}c\u{1B}[31m").description
      #expect(!text.unicodeScalars.contains { "\n\u{2028}\u{1B}".unicodeScalars.contains($0) })
    }
  }

  @Test("a store error is not wrapped again")
  func own() {
    let own = StoreError(.noSchema, "no schema")
    #expect(StoreError(own, doing: "the erasure").description == "no schema")
  }
}
