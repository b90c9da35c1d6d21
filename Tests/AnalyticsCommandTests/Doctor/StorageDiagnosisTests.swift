import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("The doctor's checks of the storage engine")
struct StorageDiagnosisTests {
  private typealias Space = StorageReport.Space

  private func finding(_ name: String, _ report: StorageReport) throws -> Finding {
    try #require(Diagnosis.storage(report).first { $0.name == name })
  }

  private let plain: StorageReport = {
    var report = StorageReport(engine: .plain, postgresVersion: "15.4")
    report.plain = Space(partitions: 3, bytes: 500_000, sampledBytes: 400_000, rows: 1000)
    return report
  }()

  private let timescale: StorageReport = {
    var report = StorageReport(
      engine: .timescale, postgresVersion: "15.4", timescaleVersion: "2.28.3")
    report.segmentedBy = "event_type, service"
    report.compression = .init(id: 1000, age: "7 days")
    report.retention = .init(id: 1001, age: "90 days")
    report.plain = Space(partitions: 7, bytes: 40_000, sampledBytes: 40_000, rows: 100)
    report.compressed = Space(partitions: 60, bytes: 20_000, sampledBytes: 20_000, rows: 500)
    return report
  }()

  @Test("reports that plain PostgreSQL does not compress, and the size of an event")
  func plainly() throws {
    #expect(Diagnosis.storage(plain).exitCode == 0)
    #expect(
      try finding("compression", plain).found == "none: plain PostgreSQL does not compress")
    let size = try finding("size", plain)
    #expect(size.found == "500,000 bytes, some 1,000 events, 400 bytes each with indexes")
    #expect(size.figures == ["bytes": 500_000, "events": 1000, "bytesPerEvent": 400])
    var new = plain
    new.plain = Space(partitions: 1, bytes: 8192)
    #expect(try finding("size", new).found == "8,192 bytes, events not estimated yet")
  }

  @Test("reports compression, sizes and retention of TimescaleDB")
  func compressed() throws {
    #expect(Diagnosis.storage(timescale).exitCode == 0)
    #expect(
      Diagnosis.storage(timescale).map(\.found) == [
        "TimescaleDB 2.28.3 on PostgreSQL 15.4",
        "after 7 days, by event_type, service; 60 of 67 chunks",
        "after 90 days, by the server's job 1001; no raw events dropped yet",
        "60,000 bytes, some 600 events, 100 bytes each with indexes; 40 compressed, "
          + "400 not compressed",
      ])
    #expect(try finding("size", timescale).figures?["bytesPerCompressedEvent"] == 40)
  }

  @Test("warns of overdue chunks or a missing job, with the statement that solves the problem")
  func overdue() throws {
    var report = timescale
    report.overdue = 2
    let overdue = try finding("compression", report)
    #expect(overdue.verdict == .warn)
    #expect(overdue.found.hasSuffix("60 of 67 chunks; overdue: 2"))
    #expect(overdue.advice == "CALL run_job(1000)")
    report.compression = nil
    #expect(try finding("compression", report).advice?.contains("add_compression_policy") == true)
  }

  private let noon = Date(timeIntervalSince1970: 1_796_040_000)
  private var later: Date { noon.addingTimeInterval(3600) }

  @Test("reports the time of a failed run that is repeated, without a warning")
  func passing() throws {
    var report = timescale
    let job = StorageReport.Job(
      id: 7, age: "90 days", nextRun: later, failedAt: noon, failuresInARow: 2)
    (report.compression, report.retention) = (job, job)
    for name in ["compression", "retention"] {
      let found = try finding(name, report)
      #expect(found.verdict == .ok)
      #expect(
        found.found.hasSuffix(
          "; the run at 2026-11-30T12:00:00Z failed, and it is tried again at 2026-11-30T13:00:00Z"),
        "\(found.found)")
    }
  }

  @Test("warns of a job that is switched off, has failed, or is not run at all")
  func jobs() throws {
    let troubles: [(StorageReport.Job, String)] = [
      (.init(id: 7, age: "90 days", isScheduled: false), "switched off"),
      (
        .init(id: 7, age: "90 days", nextRun: later, failedAt: noon, failuresInARow: 3),
        "the last 3 runs failed, most recently at 2026-11-30T12:00:00Z"
      ),
      (
        .init(id: 7, age: "90 days", failedAt: noon, failuresInARow: 1),
        "the last run failed, most recently at 2026-11-30T12:00:00Z"
      ),
      (.init(id: 7, age: "90 days", hasCrashed: true), "the last run ended without a result"),
      (.init(id: 7, age: "90 days", isLate: true), "the server's scheduler does not run it"),
    ]
    for (job, words) in troubles {
      var report = timescale
      (report.compression, report.retention) = (job, job)
      for name in ["compression", "retention"] {
        let found = try finding(name, report)
        #expect(found.verdict == .warn)
        #expect(found.found.hasSuffix("; \(words)"), "\(name): \(found.found)")
        #expect(found.advice?.contains("job(7") == true)
      }
    }
  }
}

@Suite(
  "The doctor, on TimescaleDB", .timeLimit(.minutes(60)),
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct TimescaleDoctorTests {
  @Test("finds chunks that are not compressed in time, and that the job compresses them")
  func overdue() async throws {
    try await ImportDatabase.with(on: .timescale) { database in
      let old = Date(timeIntervalSinceNow: -20 * 86_400)
      let lines = (1...2000).map { goodLine($0, at: old) } + [goodLine(2001, at: Date())]
      _ = try await database.importing("-", input: lines.joined())
      let environment = ["DATABASE_URL": database.url]
      func doctor() async throws -> CommandRun.Outcome {
        try await analytics("doctor", "--directory", "/nowhere/spool", environment: environment)
      }
      let job = "FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'"
      let overdue = try await doctor()
      #expect(overdue.exitCode == 1, "\(overdue.output)")
      #expect(overdue.output.contains("0 of 2 chunks; overdue: 1 → CALL run_job(1000)\n"))
      try await database.execute(
        "CALL run_job(\(try await database.number("SELECT job_id::int8 \(job)")))")
      let well = try await doctor()
      #expect(well.exitCode == 0, "\(well.output)")
      #expect(well.output.contains("ok    engine: TimescaleDB "))
      #expect(well.output.contains("after 7 days, by event_type, service; 1 of 2 chunks\n"))
      #expect(well.output.contains("some 2,000 events, "))
      // The servers of tests run no jobs.
      try await database.execute(
        """
        SELECT alter_job(job_id, next_start => now() - interval '2 hours')
        FROM timescaledb_information.jobs WHERE proc_name = 'analytics_retention_job'
        """)
      #expect(
        try await doctor().output.contains("; the server's scheduler does not run it → raise"))
      // Writes the outcome of a job as the scheduler does.
      let retention =
        "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'analytics_retention_job'"
      func note(_ values: String) async throws {
        try await database.execute(
          """
          DELETE FROM _timescaledb_internal.bgw_job_stat WHERE job_id = (\(retention));
          INSERT INTO _timescaledb_internal.bgw_job_stat
              (job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success,
               total_runs, total_duration, total_duration_failures, total_successes, total_failures,
               total_crashes, consecutive_failures, consecutive_crashes)
          SELECT (\(retention)), '2026-11-01 12:00Z', \(values)
          """)
      }
      try await note(
        "'2026-11-01 12:01Z', now() + interval '5 minutes', '-infinity', false, 1, '0', '0', 0, 1, 0, 1, 0"
      )
      let passing = try await doctor()
      #expect(passing.exitCode == 0, "\(passing.output)")
      #expect(
        passing.output.contains(
          "; the run at 2026-11-01T12:00:00Z failed, and it is tried again at "))
      try await note(
        "'2026-11-01 12:01Z', now() + interval '5 minutes', '-infinity', false, 4, '0', '0', 1, 3, 0, 3, 0"
      )
      #expect(
        try await doctor().output.contains(
          "; the last 3 runs failed, most recently at 2026-11-01T12:00:00Z → "))
      // The run has begun, and has no result.
      try await note("'-infinity', '-infinity', '-infinity', false, 1, '0', '0', 0, 0, 1, 0, 1")
      #expect(try await doctor().output.contains("; the last run ended without a result → "))
      try await database.execute(
        "SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs")
      #expect(try await doctor().output.contains("; switched off → SELECT alter_job("))
      let status = try await analytics("migrate", "status", environment: environment)
      for line in ["engine: TimescaleDB ", "compression: after 7 days", "retention: after 90 days"]
      {
        #expect(status.output.contains(line))
      }
    }
  }
}
