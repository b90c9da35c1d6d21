import Analytics
import AnalyticsRollups
import AnalyticsStore
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Verdicts on facts. The functions are pure, so each can be tested without causing the trouble it
/// reports.
enum Diagnosis {
  /// - Parameter clockSeconds: This machine's clock, at the middle of the query, in seconds since
  ///   the Unix epoch.
  static func server(_ facts: DatabaseServerFacts, clockSeconds: Double) -> [Finding] {
    let difference = ((facts.secondsSinceUnixEpoch - clockSeconds) * 10).rounded() / 10
    return [
      facts.version >= 150_000
        ? .ok("server", "PostgreSQL \(facts.versionText)")
        : .fail("server", "PostgreSQL \(facts.versionText)", "upgrade it to 15 or later"),
      facts.usesTLS || facts.isLocal
        ? .ok("connection", facts.usesTLS ? "by TLS" : "within this machine")
        : .warn("connection", "not encrypted", "add sslmode=verify-full to the database URL"),
      writing(facts),
      abs(difference) < 5
        ? .ok("clock", "\(difference) s from the server's")
        : .warn("clock", "\(difference) s from the server's", "synchronise both clocks (NTP)"),
    ]
  }

  private static func writing(_ facts: DatabaseServerFacts) -> Finding {
    if facts.isStandby {
      return .fail(
        "writing", "the server is read-only",
        "add target_session_attrs=read-write and all hosts to the URL")
    }
    return facts.isReadOnly
      ? .fail(
        "writing", "default_transaction_read_only is on",
        "turn it off where it is set: the server, the database, the role or the URL")
      : .ok("writing", "the server takes writes")
  }

  /// - Parameter elsewhere: Schemas that have the tables, if the schema that services use has none.
  static func migrations(waiting: Int, elsewhere: [String] = []) -> Finding {
    if let schema = elsewhere.first {
      return .fail(
        "migrations",
        "search_path does not lead to the tables, which are in \(elsewhere.joined(separator: ", "))",
        "give --schema \(schema), or change search_path")
    }
    return waiting == 0
      ? .ok("migrations", "all applied")
      : .fail("migrations", "\(waiting) pending", "run `analytics migrate`")
  }

  static func table(_ facts: TableFacts) -> [Finding] {
    let missing = [
      facts.mayInsert ? nil : "INSERT on analytics_events",
      facts.maySelect ? nil : "SELECT on analytics_events",
      facts.mayMakePartitions ? nil : "EXECUTE on analytics_ensure_partitions",
    ].compactMap(\.self)
    return [
      missing.isEmpty
        ? .ok("rights", "insert, select, make partitions")
        : .fail(
          "rights", "missing: \(missing.joined(separator: ", "))", "grant them, or use another role"
        ),
      partitions(facts),
      lag(facts),
    ] + (facts.rollups.map { [rollups($0)] } ?? [])
  }

  private static func partitions(_ facts: TableFacts) -> Finding {
    if let extra = facts.defaultPartition {
      let found = "\(extra.name) is a DEFAULT partition"
      return extra.hasEvents == false
        ? .warn(
          "partitions", "\(found): empty, and each new partition is checked against it",
          extra.repairStatement)
        : .fail(
          "partitions",
          "\(found)\(extra.hasEvents == true ? " and has events" : ""): no partition can be made for "
            + "the days of its events, and retention does not drop them", extra.repairStatement)
    }
    return .ok(
      "partitions",
      "\(facts.partitions), today's \(facts.hasToday ? "is there" : "is made when it is needed")")
  }

  /// Events are normally rolled up about a second after they were stored.
  static func rollups(_ facts: RollupFacts) -> Finding {
    if let problem = facts.problems.first {
      return .fail(
        "rollups", "events cannot be merged into \(problem)",
        "change its definition, or remove the obstacle, and run `analytics rollups refresh`")
    }
    if let finding = missing(facts.newestVersions) { return finding }
    if facts.pendingRanges > 0 {
      return .warn(
        "rollups",
        facts.pendingRanges.counted("range is", "ranges are") + " still to be computed",
        "run `analytics rollups refresh`")
    }
    guard let age = facts.pendingAge else {
      return .ok("rollups", "complete")
    }
    let text = facts.pendingEvents.counted("event") + " to be rolled up"
    return age < 60
      ? .ok("rollups", text)
      : .warn(
        "rollups", "\(text), for \(Duration.seconds(age.rounded()).clock): reports take longer",
        "run `analytics maintain`")
  }

  /// The rollups that reports read and the database does not have; `nil` if it has all of them.
  ///
  /// - Parameter newestVersions: The newest version of each rollup in the database.
  private static func missing(_ newestVersions: [String: Int]) -> Finding? {
    guard !newestVersions.isEmpty else {
      return .fail(
        "rollups", "none yet, and reports need them", "run `analytics migrate post`")
    }
    let missing = Rollup.builtIn.filter { $0.version > newestVersions[$0.name] ?? 0 }.map(\.name)
      .sorted()
    guard !missing.isEmpty else { return nil }
    return .fail(
      "rollups", "the database lacks the newest definition of \(missing.joined(separator: ", "))",
      "run `analytics migrate`")
  }

  private static func lag(_ facts: TableFacts) -> Finding {
    guard let age = facts.newestAge else { return .ok("lag", "no events yet") }
    let text = "the newest event is \(Duration.seconds(max(0, age.rounded())).clock) old"
    return age < -60
      ? .warn("lag", "the newest event lies in the future", "check the clocks of the services")
      : .ok("lag", text)
  }

  /// - Parameter freeBytes: Free space on the spool's file system; `nil` if there is no spool.
  static func spool(_ report: SpoolReport, freeBytes: Int?, now: Date = Date()) -> [Finding] {
    let events = report.producers.flatMap(\.pending).reduce(0) { $0 + $1.events }
    let left = report.producers.filter { !$0.isAlive }.flatMap(\.pending).reduce(0) {
      $0 + $1.events
    }
    let unreadable = report.producers.flatMap(\.unreadable).count
    let oldest = report.producers.flatMap(\.pending).map(\.since).min()
    var findings: [Finding] = [
      unreadable > 0
        ? .fail("spool", unreadable.counted("file") + " cannot be read", "see `analytics spool`")
        : left > 0
          ? .warn(
            "spool", left.counted("event") + " of processes that have ended",
            "run `analytics spool drain`")
          : waiting(events, since: oldest, now: now)
    ]
    if let freeBytes {
      let text = "\(freeBytes >> 20) MiB free for the spool"
      findings.append(
        freeBytes < 1 << 30
          ? .warn("disk", text, "make room: when the disk is full events are dropped")
          : .ok("disk", text))
    }
    return findings
  }

  /// The verdict on events of running services. They are stored within a second, unless the
  /// database refuses them or is unreachable.
  private static func waiting(_ events: Int, since oldest: EventTimestamp?, now: Date) -> Finding {
    guard let oldest else { return .ok("spool", "nothing waits") }
    let age = now.timeIntervalSince1970 - Double(oldest.microsecondsSinceUnixEpoch) / 1_000_000
    return age < 300
      ? .ok("spool", events.counted("event waits", "events wait"))
      : .warn(
        "spool", events.counted("event waits", "events wait") + ", the oldest of \(oldest)",
        "see the log of its service for the reason")
  }
}
