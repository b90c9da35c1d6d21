import AnalyticsStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Verdicts on what keeps the events.
extension Diagnosis {
  static func storage(_ report: StorageReport) -> [Finding] {
    [.ok("engine", engine(report)), compression(report), retention(report), size(report)]
  }

  /// As `migrate status` says it too.
  static func engine(_ report: StorageReport) -> String {
    let version = report.timescaleVersion
    return switch report.engine {
    case .timescale: "TimescaleDB \(version ?? "") on PostgreSQL \(report.postgresVersion)"
    case .plain:
      "plain PostgreSQL \(report.postgresVersion)"
        + (version.map { "; TimescaleDB \($0) is there and does not keep the events" } ?? "")
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
    return .ok(name, found)
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
    return .ok(name, found)
  }

  /// What keeps a job of the server's scheduler from its work.
  private static func trouble(_ job: StorageReport.Job) -> (found: String, advice: String)? {
    if !job.isScheduled {
      return ("switched off", "SELECT alter_job(\(job.id), scheduled => true), or delete_job")
    }
    if job.hasFailed {
      return (
        "the last run failed", "see timescaledb_information.job_errors; CALL run_job(\(job.id))"
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
