internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Foundation
internal import Logging

/// One run of maintenance, by the process that holds the lock.
struct MaintenanceRun {
  let connection: PostgresConnection
  let schema: SchemaName
  let options: MaintenanceOptions
  let clock: any Clock<Duration>
  let logger: Logger

  /// The time between two checks whether earlier transactions have ended.
  private static let pollInterval: Duration = .milliseconds(100)

  func report() async throws -> MaintenanceReport {
    try await limitWaiting()
    var report = MaintenanceReport()
    // Partitions for new events come first, since the following steps may have to wait.
    report.partitionsMade = try await makePartitionsAhead()
    // Roll up events that no sink has rolled up. If another process holds the rollups for longer
    // than this waits, it is rolling up as well.
    _ = try await bringRollupsUpToDate()
    let location = try await EngineLocation.read(schema, on: connection)
    if let location, location.engine == .timescale {
      try await dropChunks(location, &report)
    } else {
      try await scheduleDrops()
      try await dropScheduled(&report)
    }
    // Retention has dropped the days of these events, so they can never be stored any more.
    report.deadLettersDropped = try await connection.query(
      """
      DELETE FROM \(schema).analytics_dead_letters
      WHERE timestamp < (SELECT dropped_before FROM \(schema).analytics_retention)
      """
    ).affectedRows
    if let days = options.keepUsageDays { report.usagePeriodsDropped = try await dropUsage(days) }
    // The longest report that looks back covers 30 days.
    _ = try await connection.query(
      """
      DELETE FROM \(schema).analytics_client_instances
      WHERE last_seen < now() - interval '90 days'
      """)
    report.droppedBefore = try await connection.query(.droppedBefore(in: schema)).value()
    return report
  }

  private func makePartitionsAhead() async throws(PostgresError) -> Int {
    // One instant for each day from today on.
    let isNew: [Bool] = try await connection.query(
      """
      SELECT is_new FROM \(schema).analytics_ensure_partitions(ARRAY(
          SELECT now() + make_interval(days => ahead)
          FROM generate_series(0, \(Int32(clamping: options.aheadDays))) AS ahead))
      """
    ).values()
    return isNew.count(where: \.self)
  }

  /// Drops usage periods that ended before the given number of days, and replicas that have sent
  /// nothing for as long.
  ///
  /// - Returns: The number of dropped periods.
  private func dropUsage(_ days: Int) async throws(PostgresError) -> Int {
    let bound: SQL = "now() - make_interval(days => \(Int32(clamping: days)))"
    return try await connection.query(
      """
      WITH old AS (
          SELECT id, ended_at FROM \(schema).analytics_usage_periods WHERE ended_at < \(bound)
      ), members AS (
          DELETE FROM \(schema).analytics_usage_members WHERE period_id IN (SELECT id FROM old)
      ), counters AS (
          DELETE FROM \(schema).analytics_usage_counters WHERE period_id IN (SELECT id FROM old)
      ), replicas AS (
          DELETE FROM \(schema).analytics_usage_replicas WHERE updated_at < \(bound)
      ), sent AS (
          -- While a period exists, its row here stays: it prevents a second document of the period.
          DELETE FROM \(schema).analytics_telemetry_outbox AS o
          WHERE coalesce(delivered_at, given_up_at) < \(bound)
            AND (period_id IN (SELECT id FROM old) OR NOT EXISTS (
                SELECT FROM \(schema).analytics_usage_periods AS p WHERE p.id = o.period_id))
      ), received AS (
          DELETE FROM \(schema).analytics_telemetry_snapshots
          WHERE received_at < now() - interval '400 days'
      ), locks AS (
          DELETE FROM \(schema).telemetry_locks WHERE period_ending_at < \(bound)
      )
      DELETE FROM \(schema).analytics_usage_periods WHERE id IN (SELECT id FROM old)
      """
    ).affectedRows
  }

  /// Raises the retention boundary and records which partitions are to be dropped, in one
  /// transaction.
  private func scheduleDrops() async throws(PostgresError) {
    guard let days = options.keepDays else { return }
    try await acceptLostDays(olderThan: days)
    _ = try await connection.query(
      """
      WITH scheduled AS (
          SELECT partition, upper_bound FROM \(schema).analytics_partitions()
          WHERE upper_bound <= now() - make_interval(days => \(Int32(clamping: days)))
      ), listed AS (
          INSERT INTO \(schema).analytics_partitions_to_drop (name)
          SELECT relname FROM scheduled JOIN pg_catalog.pg_class ON oid = partition
          ON CONFLICT DO NOTHING
      )
      \(.raiseBoundary(in: schema, toTheEndOf: "scheduled"))
      """)
  }

  /// Drops the partitions that this run or an earlier one recorded, as far as they are not in use.
  private func dropScheduled(_ report: inout MaintenanceReport) async throws {
    var scheduled = try await scheduledPartitions()
    guard !scheduled.isEmpty else { return }
    guard try await earlierIngestHasEnded() else {
      report.waiting = scheduled.map(\.name)
      return
    }
    guard try await bringRollupsUpToDate() else {
      report.waiting = scheduled.map(\.name)
      return
    }
    do {
      while let partition = scheduled.first {
        try await drop(partition)
        report.dropped.append(partition.name)
        scheduled.removeFirst()
        logger.info(
          "raw events dropped", metadata: ["analytics.partition": "\(partition.name)"])
      }
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      // A partition that is only half detached keeps all others from being detached.
      report.waiting = scheduled.map(\.name)
    }
  }

  /// Merges all events into the rollups, since events must be rolled up before they are dropped.
  ///
  /// - Returns: False if another process holds the rollups for longer than this run waits.
  func bringRollupsUpToDate() async throws -> Bool {
    do {
      _ = try await RollupBackfill(connection: connection, schema: schema).run()
      return true
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      return false
    }
  }

  private func limitWaiting() async throws(PostgresError) {
    let milliseconds = max(1, Int(options.lockTimeout / .milliseconds(1)))
    try await connection.execute("SET lock_timeout = \(literal: milliseconds)")
  }

  /// Treats expired days whose partitions were dropped by hand as dropped by retention: their
  /// figures stay, and their events are not accepted again.
  private func acceptLostDays(olderThan days: Int) async throws(PostgresError) {
    let function = "\(schema.quoted).analytics_lost_days()"
    guard try await connection.hasFunction(function) else { return }
    let bound: SQL = "now() - make_interval(days => \(Int32(clamping: days)))"
    _ = try await connection.query(
      """
      WITH lost AS (
          SELECT day + interval '24 hours' AS upper_bound FROM \(schema).analytics_lost_days() AS day
      ), accepted AS (
          SELECT upper_bound FROM lost
          WHERE upper_bound <= \(bound)
            -- The boundary must not reach into a partition that stays.
            AND NOT EXISTS (SELECT FROM \(schema).analytics_partitions() AS p
                            WHERE p.lower_bound < lost.upper_bound AND p.upper_bound > \(bound))
      )
      \(.raiseBoundary(in: schema, toTheEndOf: "accepted"))
      """)
  }

  /// Returns the partitions to drop. A half-detached one comes first, since it keeps all others
  /// from being detached.
  private func scheduledPartitions() async throws(PostgresError) -> [ScheduledPartition] {
    let rows = try await connection.query(
      """
      SELECT scheduled.name,
             CASE WHEN part.oid IS NULL THEN 'gone'
                  WHEN link.inhrelid IS NULL THEN 'detached'
                  WHEN link.inhdetachpending THEN 'half_detached'
                  ELSE 'attached' END AS state
      FROM \(schema).analytics_partitions_to_drop AS scheduled
      LEFT JOIN pg_catalog.pg_class AS part
          ON part.relname = scheduled.name AND part.relnamespace = to_regnamespace(\(schema.quoted))
      LEFT JOIN pg_catalog.pg_inherits AS link
          ON link.inhrelid = part.oid
          AND link.inhparent = to_regclass(\(schema.quoted + ".analytics_events"))
      ORDER BY link.inhdetachpending DESC NULLS LAST, scheduled.name
      """)
    var scheduled: [ScheduledPartition] = []
    for row in rows { scheduled.append(try ScheduledPartition(row)) }
    return scheduled
  }

  private func drop(_ partition: ScheduledPartition) async throws {
    let table: SQL = "\(schema).\(identifier: partition.name)"
    let detaching: SQL = "ALTER TABLE \(schema).analytics_events DETACH PARTITION \(table)"
    switch partition.state {
    case .attached:
      try await rollUpAll(of: table)
      try await connection.execute("\(detaching) CONCURRENTLY")
    case .halfDetached: try await connection.execute("\(detaching) FINALIZE")
    case .detached, .gone: break
    }
    try await connection.transaction { _ in
      try await connection.execute("DROP TABLE IF EXISTS \(table)")
      _ = try await connection.query(
        "DELETE FROM \(schema).analytics_partitions_to_drop WHERE name = \(partition.name)")
    }
  }

  /// Waits for transactions that inserted events by plain SQL, which no retention boundary stops,
  /// and rolls up their events.
  private func rollUpAll(of partition: SQL) async throws {
    try await connection.transaction(isolation: .readCommitted) { _ in
      // In this order, as erasure does, to avoid deadlocks.
      _ = try await connection.query("SELECT \(schema).analytics_lock_rollups()")
      try await connection.execute("LOCK TABLE \(partition) IN SHARE ROW EXCLUSIVE MODE")
      try await RollUp.within(transactionOf: connection, in: schema)
    }
  }

  /// Waits for transactions that may have read the retention boundary before it was raised.
  ///
  /// It polls for them instead of taking a lock: a lock that waits would make all new ingest wait
  /// behind it.
  ///
  /// - Returns: False if some are still running after ``MaintenanceOptions/ingestTimeout``.
  func earlierIngestHasEnded() async throws -> Bool {
    var holders = try await ingestsUnderWay()
    var left = options.ingestTimeout
    while !holders.isEmpty {
      guard left > .zero else { return false }
      try await clock.sleep(for: Self.pollInterval)
      left -= Self.pollInterval
      let stillUnderWay = Set(try await ingestsUnderWay())
      holders.removeAll { !stillUnderWay.contains($0) }
    }
    return true
  }

  private func ingestsUnderWay() async throws(PostgresError) -> [String] {
    try await connection.query(
      "SELECT unnest(\(schema).analytics_ingests_under_way())"
    ).values()
  }
}

/// A partition that is to be dropped.
private struct ScheduledPartition {
  enum State: String {
    case attached
    /// An earlier run ended between the two transactions of DETACH … CONCURRENTLY.
    case halfDetached = "half_detached"
    case detached
    /// The partition was dropped by hand.
    case gone
  }

  let name: String
  let state: State

  init(_ row: PostgresRow) throws(PostgresError) {
    name = try row.decode(String.self, "name")
    state = State(rawValue: try row.decode(String.self, "state")) ?? .attached
  }
}
