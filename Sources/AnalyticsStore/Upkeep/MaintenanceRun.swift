internal import AnalyticsPostgres
internal import Foundation
internal import Logging

/// One run, by the process whose turn it is.
struct MaintenanceRun {
  let connection: PostgresConnection
  let schema: SchemaName
  let options: MaintenanceOptions
  let clock: any Clock<Duration>
  let logger: Logger

  /// How often to look whether earlier transactions have ended.
  private static let pollInterval: Duration = .milliseconds(100)

  func report() async throws -> MaintenanceReport {
    try await limitWaiting()
    var report = MaintenanceReport()
    // Room for new events first: what follows may have to wait.
    report.partitionsMade = try await makePartitionsAhead()
    let place = try await EnginePlace.read(schema, on: connection)
    if let place, place.engine == .timescale {
      try await dropChunks(place, &report)
    } else {
      try await doomPartitions()
      try await dropDoomed(&report)
    }
    report.deadLettersDropped = try await connection.query(
      Statement.dropExpiredDeadLetters.text(in: schema)
    ).affectedRows
    if let days = options.keepUsageDays {
      report.usagePeriodsDropped = try await connection.query(
        UsageStatement.purge.text(in: schema), [.int4(Int32(clamping: days))]
      ).affectedRows
    }
    _ = try await connection.query(UsageStatement.purgeInstances.text(in: schema))
    let boundary = try await connection.query(Statement.droppedBefore.text(in: schema)).only()
    report.droppedBefore = try boundary.decode(Date?.self, at: 0)
    return report
  }

  private func makePartitionsAhead() async throws(PostgresError) -> Int {
    let rows = try await connection.query(
      Statement.makePartitionsAhead.text(in: schema), [.int4(Int32(clamping: options.aheadDays))])
    var made = 0
    for row in rows where try row.decode(Bool.self, "is_new") { made += 1 }
    return made
  }

  /// Raises the boundary and says which partitions are to go, in one transaction.
  private func doomPartitions() async throws(PostgresError) {
    guard let days = options.keepDays else { return }
    _ = try await connection.query(
      Statement.doomPartitions.text(in: schema), [.int4(Int32(clamping: days))])
  }

  /// Drops what was doomed, now or in an earlier run, as far as nobody uses it.
  private func dropDoomed(_ report: inout MaintenanceReport) async throws {
    var doomed = try await doomedPartitions()
    guard !doomed.isEmpty else { return }
    guard try await earlierIngestHasEnded() else {
      report.waiting = doomed.map(\.name)
      return
    }
    do {
      while let partition = doomed.first {
        try await drop(partition)
        report.dropped.append(partition.name)
        doomed.removeFirst()
        logger.info(
          "raw events dropped", metadata: ["analytics.partition": "\(partition.name)"])
      }
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      // Half detached, it keeps the others from being detached.
      report.waiting = doomed.map(\.name)
    }
  }

  private func limitWaiting() async throws(PostgresError) {
    let milliseconds = max(1, Int(options.lockTimeout / .milliseconds(1)))
    try await connection.execute("SET lock_timeout = \(milliseconds)")
  }

  private func doomedPartitions() async throws(PostgresError) -> [DoomedPartition] {
    let rows = try await connection.query(
      Statement.partitionsToDrop.text(in: schema), [.text(schema.quoted)])
    var doomed: [DoomedPartition] = []
    for row in rows { doomed.append(try DoomedPartition(row)) }
    return doomed
  }

  private func drop(_ partition: DoomedPartition) async throws {
    let events = "\(schema.quoted).analytics_events"
    switch partition.state {
    case .attached:
      try await connection.execute(
        "ALTER TABLE \(events) DETACH PARTITION \(partition.identifier) CONCURRENTLY")
    case .halfDetached:
      try await connection.execute(
        "ALTER TABLE \(events) DETACH PARTITION \(partition.identifier) FINALIZE")
    case .detached, .gone:
      break
    }
    try await connection.transaction { _ in
      try await connection.execute("DROP TABLE IF EXISTS \(partition.identifier)")
      _ = try await connection.query(
        Statement.forgetDroppedPartition.text(in: schema), [.text(partition.name)])
    }
  }

  /// Waits for those who may have looked at the boundary before it was raised.
  ///
  /// They are watched rather than locked out: a lock that waits would have all new ingest wait
  /// behind it.
  func earlierIngestHasEnded() async throws -> Bool {
    var holders = try await ingestsUnderWay(of: nil)
    var left = options.ingestTimeout
    while !holders.isEmpty {
      guard left > .zero else { return false }
      try await clock.sleep(for: Self.pollInterval)
      left -= Self.pollInterval
      holders = try await ingestsUnderWay(of: holders)
    }
    return true
  }

  private func ingestsUnderWay(of holders: [String]?) async throws -> [String] {
    try await connection.query(
      Statement.ingestsUnderWay.text(in: schema), [holders.map { .textArray($0) } ?? .null]
    ).map { row in try row.decode(String.self, at: 0) }
  }
}

/// A partition on its way out.
private struct DoomedPartition {
  enum State: String {
    case attached
    /// A run ended between the two transactions of DETACH … CONCURRENTLY.
    case halfDetached = "half_detached"
    case detached
    /// Somebody else dropped it.
    case gone
  }

  let name: String
  /// With its schema, as SQL wants it written.
  let identifier: String
  let state: State

  init(_ row: PostgresRow) throws(PostgresError) {
    name = try row.decode(String.self, "name")
    identifier = try row.decode(String.self, "identifier")
    state = State(rawValue: try row.decode(String.self, "state")) ?? .attached
  }
}
