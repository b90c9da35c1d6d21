import Analytics
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand
@testable import AnalyticsInterchange

@Suite("Warnings about old events that are imported", .timeLimit(.minutes(60)))
struct OldEventNoticeTests {
  private let now = Date(timeIntervalSince1970: 1_796_040_000)
  private let maintain =
    "raw events older than 90 days are dropped by `analytics maintain`, unless it is given --keep-days or "
    + "--keep-forever; figures stay"

  private func notices(_ storage: StorageReport, isLocal: Bool = false) -> [OldEventNotice] {
    OldEventNotice.of(storage, isLocal: isLocal, now: now)
  }

  @Test("name the command or job that drops them, and how to keep them")
  func what() {
    var storage = StorageReport(engine: .plain, postgresVersion: "15.4")
    let ninetyDays = EventTimestamp(
      microsecondsSinceUnixEpoch: (1_796_040_000 - 90 * 86_400) * 1_000_000)
    #expect(notices(storage) == [OldEventNotice(before: ninetyDays, text: maintain)])
    // `analytics maintain --local` keeps them forever.
    #expect(notices(storage, isLocal: true) == [])

    storage.retention = .init(id: 1001, age: "90 days", nextRun: now)
    #expect(
      notices(storage).map(\.text) == [
        maintain,
        "raw events older than 90 days are dropped by the server's job 1001, too, next at "
          + "2026-11-30T12:00:00Z; to keep them: SELECT delete_job(1001)",
      ])
    storage.retention?.isScheduled = false
    #expect(notices(storage).map(\.text) == [maintain])

    storage.droppedBefore = now
    let rejected = notices(storage, isLocal: true)
    #expect(rejected.map(\.text).first?.hasPrefix("events before 2026-11-30T12:00:00Z are") == true)
    #expect(rejected.map(\.before.microsecondsSinceUnixEpoch) == [1_796_040_000_000_000])
  }

  @Test("are printed once, at the first of these events, and not without any")
  func once() async throws {
    try await ImportDatabase.with { database in
      let days = { (count: Double) in Date(timeIntervalSinceNow: -count * 86_400) }
      let fresh = try await database.importing("-", input: goodLine(1, at: days(80)))
      #expect(fresh.outcome.error == "")
      let old = try await database.importing(
        "-",
        input: goodLine(2, at: days(1)) + goodLine(3, at: days(100)) + goodLine(4, at: days(200)))
      #expect(old.summary.stored == 3)
      // With TimescaleDB there is a line about its job, too.
      #expect(old.outcome.errorLines.filter { $0 == "warning: \(maintain)" }.count == 1)
    }
  }
}

@Suite(
  "Warnings about old events that are imported into TimescaleDB", .timeLimit(.minutes(60)),
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct OldEventNoticeTimescaleTests {
  @Test("name the job that drops them, and the statement that deletes the job")
  func job() async throws {
    try await ImportDatabase.with(on: .timescale) { database in
      let old = goodLine(1, at: Date(timeIntervalSinceNow: -100 * 86_400))
      let first = try await database.importing("-", input: old)
      let job = try await database.number(
        """
        SELECT job_id::int8 FROM timescaledb_information.jobs
        WHERE proc_name = 'analytics_retention_job'
        """)
      #expect(first.outcome.error.contains("by the server's job \(job), too"))
      let statement = "SELECT delete_job(\(job))"
      #expect(first.outcome.error.contains("; to keep them: \(statement)\n"))
      try await database.execute(statement)
      let second = try await database.importing("-", input: old)
      #expect(!second.outcome.error.contains("job"))
    }
  }
}
