import AnalyticsStore
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Verdicts on the storage engine of events.
extension Diagnosis {
  static func storage(_ report: StorageReport) -> [Finding] {
    [.ok("engine", engine(report)), compression(report), retention(report), size(report)]
  }

  /// The engine in words; `migrate status` prints it too.
  static func engine(_ report: StorageReport) -> String {
    let version = report.timescaleVersion
    return switch report.engine {
    case .timescale: "TimescaleDB \(version ?? "") on PostgreSQL \(report.postgresVersion)"
    case .plain:
      "plain PostgreSQL \(report.postgresVersion)"
        + (version.map { "; TimescaleDB \($0) is installed and not used" } ?? "")
    }
  }

  static func compression(_ report: StorageReport) -> Finding {
    let name = "compression"
    guard report.engine == .timescale else {
      return .ok(name, "none: plain PostgreSQL does not compress")
    }
    guard let job = report.compression else {
      return .warn(
        name, "no job compresses",
        "SELECT add_compression_policy('analytics_events', interval '7 days')")
    }
    let chunks = report.plain.partitions + report.compressed.partitions
    let found =
      "after \(job.age), by \(report.segmentedBy); \(report.compressed.partitions) of \(chunks) chunks"
    if let trouble = trouble(job) {
      return .warn(name, "\(found); \(trouble.found)", trouble.advice)
    }
    guard report.overdue == 0 else {
      return .warn(name, "\(found); overdue: \(report.overdue)", "CALL run_job(\(job.id))")
    }
    return .ok(name, found + passing(job))
  }

  static func retention(_ report: StorageReport) -> Finding {
    let name = "retention"
    let boundary =
      report.droppedBefore.map { "raw events kept from \($0.utcText)" }
      ?? "no raw events dropped yet"
    guard let job = report.retention else {
      return .ok(name, "by `analytics maintain` alone; \(boundary)")
    }
    let found = "after \(job.age), by the server's job \(job.id); \(boundary)"
    if let trouble = trouble(job) {
      return .warn(name, "\(found); \(trouble.found)", trouble.advice)
    }
    return .ok(name, found + passing(job))
  }

  /// The reason why a job of the server's scheduler does not do its work.
  private static func trouble(_ job: StorageReport.Job) -> (found: String, advice: String)? {
    if !job.isScheduled {
      return ("switched off", "SELECT alter_job(\(job.id), scheduled => true), or delete_job")
    }
    if let failedAt = job.failedAt, job.failuresInARow >= failuresMax || job.nextRun == nil {
      let count = max(1, job.failuresInARow)
      return (
        "the last \(count == 1 ? "run" : "\(count) runs") failed, most recently at \(failedAt.utcText)",
        "see timescaledb_information.job_errors; CALL run_job(\(job.id))"
      )
    }
    if job.hasCrashed {
      return (
        "the last run ended without a result", "see the server's log; CALL run_job(\(job.id))"
      )
    }
    if job.isLate {
      return (
        "the server's scheduler does not run it",
        "raise timescaledb.max_background_workers and max_worker_processes; CALL run_job(\(job.id))"
      )
    }
    return nil
  }

  /// After this many failed runs in a row a job counts as failing. A failed run is repeated and
  /// usually succeeds: with some versions of PostgreSQL and TimescaleDB only the first run of a job
  /// fails.
  private static let failuresMax = 3

  /// A failed run that will be repeated.
  private static func passing(_ job: StorageReport.Job) -> String {
    guard let failedAt = job.failedAt, let next = job.nextRun else { return "" }
    return "; the run at \(failedAt.utcText) failed, and it is tried again at \(next.utcText)"
  }

  private static func size(_ report: StorageReport) -> Finding {
    let (plain, packed) = (report.plain, report.compressed)
    let whole = StorageReport.Space(
      bytes: plain.bytes + packed.bytes, sampledBytes: plain.sampledBytes + packed.sampledBytes,
      rows: plain.rows + packed.rows)
    var finding = Finding.ok("size", "\(whole.bytes.grouped) bytes, events not estimated yet")
    finding.figures = ["bytes": whole.bytes]
    guard let each = whole.bytesPerEvent else { return finding }
    finding.found =
      "\(whole.bytes.grouped) bytes, some \(Int(whole.rows).grouped) events, "
      + "\(each.grouped) bytes each with indexes"
    finding.figures?["events"] = Int(whole.rows)
    finding.figures?["bytesPerEvent"] = each
    if let packedEach = packed.bytesPerEvent {
      finding.found += "; \(packedEach.grouped) compressed"
      finding.figures?["bytesPerCompressedEvent"] = packedEach
      if let plainEach = plain.bytesPerEvent {
        finding.found += ", \(plainEach.grouped) not compressed"
        finding.figures?["bytesPerUncompressedEvent"] = plainEach
      }
    }
    return finding
  }
}
