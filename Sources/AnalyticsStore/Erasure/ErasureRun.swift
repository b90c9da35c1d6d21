internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// One erasure, on a connection of its own.
///
/// It has three steps. First it records the person, so that nothing new about them is stored. Then
/// it searches all raw events, without blocking anything. Finally one transaction erases
/// everything. Ingest waits for that transaction, so figures and events agree at every moment.
struct ErasureRun {
  let connection: PostgresConnection
  let schema: SchemaName
  let user: UUID

  /// The limit for one statement, such as searching a partition or emptying a person's events.
  private static let deadline: Duration = .seconds(6 * 3600)
  /// The number of attempts to get a lock. All but the last wait for five seconds.
  private static let attemptsMax = 12

  /// The texts that identify the person.
  private struct Traces {
    var id: String
    /// The addresses that `analytics_addresses_in` recognises in a text; `unusual` has the others.
    var usual: [String]
    var unusual: [String]
    /// A regular expression that matches all of these texts.
    var pattern: String

    var texts: [String] { [id] + unusual + usual }
  }

  func report(progress: (Int) -> Void) async throws -> ErasureReport {
    try await connection.ignoreSessionDefaults()
    try await connection.execute(.names(in: schema, isLocal: false))
    let id = user.uuidString.lowercased()
    try await retryingLocks { _ = try await remember([id]) }
    var traces = Traces(id: id, usual: [], unusual: [], pattern: "")
    // Privacy presets may have kept only the domain of an address. A domain does not identify a
    // person.
    let addresses = try await query(
      """
      SELECT address, address = ANY (analytics_addresses_in(address)) AS is_usual
      FROM (SELECT DISTINCT lower(data->>'email') AS address FROM analytics_events
            WHERE user_id = \(user) AND data->>'email' ~ '.@|^hmac:') AS addresses
      """)
    for row in addresses {
      let address = try row.decode(String.self, "address")
      if try row.decode(Bool.self, "is_usual") {
        traces.usual.append(address)
      } else {
        traces.unusual.append(address)
      }
    }
    traces.pattern = try await pattern(traces.texts) ?? ""
    // Wait once until no transaction is storing events. Events stored after this lock are erased as
    // they arrive; all earlier ones are visible to the search.
    try await retryingLocks {
      try await connection.execute("LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE")
      _ = try await remember(traces.texts)
    }
    let mentions = try await mentions(traces, progress: progress)
    // Rolling up now does not block ingest, and leaves little to do while ingest waits later.
    try await RollUp.all(on: connection, in: schema)
    let (report, partitions) = try await retryingLocks { try await erase(traces, mentions) }
    try await recomputeScheduledDays()
    try await cleanUp(report, partitions)
    return report
  }

  private func query(_ sql: SQL) async throws(PostgresError) -> PostgresRows {
    try await connection.query(sql, deadline: Self.deadline)
  }

  private func remember(_ texts: [String]) async throws -> Date {
    try await query("SELECT analytics_remember_erasure(\(texts))").value()
  }

  private func pattern(_ texts: [String]) async throws(PostgresError) -> String? {
    try await query("SELECT analytics_erasure_pattern(\(texts))").value()
  }

  /// Runs `body` in a transaction, again if a lock was not available in time.
  private func retryingLocks<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await tryingAgain(attempts: Self.attemptsMax) { isLast in
      try await connection.transaction(isolation: .readCommitted) { _ in
        if !isLast { try await connection.execute("SET LOCAL lock_timeout = '5s'") }
        return try await body()
      }
    }
  }

  // MARK: - Search

  private struct Key {
    var timestamps: [PostgresTimestamp] = []
    var ids: [UUID] = []
  }

  /// Finds events of other users or of no user that contain the id, and events of no user that
  /// contain an address.
  private func mentions(_ traces: Traces, progress: (Int) -> Void) async throws -> Key {
    var keys = Key()
    let id = try await pattern([traces.id]) ?? ""
    let unusual = try await pattern(traces.unusual)
    let partitions = try await query(
      "SELECT lower_bound, upper_bound FROM analytics_partitions() ORDER BY lower_bound")
    for (index, partition) in partitions.enumerated() {
      progress(partitions.count - index)
      // The unusual addresses are few, so one pattern finds them. There may be thousands of usual
      // ones.
      let rows = try await query(
        """
        SELECT e.timestamp, e.id FROM analytics_events AS e
        CROSS JOIN LATERAL analytics_event_text(
            e.data, e.hostname, e.environment, e.service, e.event_type) AS content
        WHERE \(try Self.isInside("e.timestamp", in: partition)) AND e.user_id IS DISTINCT FROM \(user)
          AND (content COLLATE "C" ~* \(id)
               OR e.user_id IS NULL AND (
                   content COLLATE "C" ~* \(unusual)
                   OR EXISTS (SELECT FROM unnest(analytics_addresses_in(content)) AS address
                              WHERE address = ANY (\(traces.usual)))))
        """)
      for row in rows {
        keys.timestamps.append(try row.decode(PostgresTimestamp.self, "timestamp"))
        keys.ids.append(try row.decode(UUID.self, "id"))
      }
    }
    return keys
  }

  private static func isInside(
    _ instant: SQL, in partition: PostgresRow
  ) throws(PostgresError) -> SQL {
    let lower = try partition.decode(PostgresTimestamp.self, "lower_bound")
    let upper = try partition.decode(PostgresTimestamp.self, "upper_bound")
    return "\(instant) >= \(lower) AND \(instant) < \(upper)"
  }

  // MARK: - Erasure

  /// - Returns: The report, and the partitions that were changed.
  private func erase(
    _ traces: Traces, _ mentions: Key
  ) async throws -> (ErasureReport, partitions: [String]) {
    // Waits for transactions that change rollups or store events, and blocks others until the
    // commit. The wait takes five seconds at most, since others queue behind it. Afterwards nothing
    // is pending, so events and figures can be changed together.
    try await connection.execute(
      """
      SET LOCAL lock_timeout = '5s';
      SELECT analytics_lock_rollups();
      LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE;
      CREATE TEMPORARY TABLE analytics_erasing_before (LIKE analytics_events, is_own boolean)
          ON COMMIT DROP;
      CREATE TEMPORARY TABLE analytics_erasing_after (LIKE analytics_events, is_own boolean)
          ON COMMIT DROP
      """)
    try await connection.execute(SetErasure.temporaryTables)
    try await RollUp.within(transactionOf: connection, in: schema)
    let instant = try await remember(traces.texts)
    var report = ErasureReport(
      erasedAt: instant, events: 0, mentions: 0, rows: [:], partitionsToDrop: 0)
    report.events = try await copyEvents("true", from: "analytics_events WHERE user_id = \(user)")
    report.mentions = try await copyEvents(
      "false",
      from: """
        unnest(\(mentions.timestamps), \(mentions.ids)) AS mention (timestamp, id)
        JOIN analytics_events USING (timestamp, id) WHERE user_id IS DISTINCT FROM \(user)
        """)
    try await fillErasedEvents(traces)
    let rollups = try await rollupVersions(traces)
    let members = MemberErasure(user: user, pattern: traces.pattern)
    try await run(rollups.compactMap(\.scheduleRecompute) + rollups.flatMap(\.dropSamples), &report)
    try await run(members.forget + rollups.flatMap(\.forget), &report)
    let partitions = try await replaceEvents()
    try await run(rollups.filter(\.isNewest).flatMap(\.updateFigures), &report)
    try await run(members.dropLost(from: rollups.flatMap(\.sets)), &report)
    try await eraseTables(traces, &report)
    report.partitionsToDrop = try await query(
      "SELECT count(*) FROM analytics_partitions_to_drop"
    ).value()
    return (report, partitions)
  }

  private func run(_ steps: [RollupErasure.Step], _ report: inout ErasureReport) async throws {
    for step in steps { try report.add(step.table, try await query(step.sql)) }
  }

  /// Copies events to `analytics_erasing_before`, in their present state.
  ///
  /// - Returns: The number of events.
  private func copyEvents(_ isOwn: SQL, from source: SQL) async throws(PostgresError) -> Int {
    try await query(
      """
      INSERT INTO analytics_erasing_before
      SELECT id, timestamp, event_type, service, user_id, hostname, environment, data, batch, \(isOwn)
      FROM \(source)
      """
    ).affectedRows
  }

  /// Fills `analytics_erasing_after` with the erased form of these events. The texts looked for are
  /// the id, the unusual addresses, and those usual addresses that the event contains.
  private func fillErasedEvents(_ traces: Traces) async throws(PostgresError) {
    _ = try await query(
      """
      INSERT INTO analytics_erasing_after
      SELECT id, timestamp, coalesce(analytics_erased_text(event_type, pattern), ''),
             coalesce(analytics_erased_text(service, pattern), ''),
             CASE WHEN NOT is_own THEN user_id END,
             analytics_erased_text(hostname, pattern), analytics_erased_text(environment, pattern),
             analytics_erased_data(event_type, data, is_own, pattern), batch, is_own
      FROM analytics_erasing_before
      CROSS JOIN LATERAL analytics_erasure_pattern(\([traces.id] + traces.unusual) || ARRAY(
          SELECT address
          FROM unnest(analytics_addresses_in(
              analytics_event_text(data, hostname, environment, service, event_type))) AS address
          WHERE address = ANY (\(traces.usual)))) AS pattern
      """)
  }

  /// - Returns: The partitions that were changed.
  private func replaceEvents() async throws -> [String] {
    let partitions = try await query(
      """
      SELECT lower_bound, upper_bound, partition::text AS partition FROM analytics_partitions()
      WHERE EXISTS (SELECT FROM analytics_erasing_after AS a
                    WHERE a.timestamp >= lower_bound AND a.timestamp < upper_bound)
      ORDER BY lower_bound
      """)
    for partition in partitions {
      _ = try await query(
        """
        UPDATE analytics_events AS e
        SET event_type = a.event_type, service = a.service, user_id = a.user_id,
            hostname = a.hostname, environment = a.environment, data = a.data
        FROM analytics_erasing_after AS a
        WHERE e.timestamp = a.timestamp AND e.id = a.id
          AND \(try Self.isInside("e.timestamp", in: partition))
        """)
    }
    return try partitions.map { try $0.decode(String.self, "partition") }
  }

  private func rollupVersions(_ traces: Traces) async throws -> [RollupErasure] {
    try await query(
      """
      SELECT definition,
             version = max(version) OVER (PARTITION BY name) AS is_newest,
             CASE WHEN version = max(version) OVER (PARTITION BY name)
                  THEN coalesce((SELECT dropped_before FROM analytics_retention), '-infinity')
                  ELSE 'infinity' END AS final_before
      FROM analytics_rollups ORDER BY name, version
      """
    ).map { row in
      RollupErasure(
        rollup: try Rollup(definition: try row.decode(String.self, "definition")),
        isNewest: try row.decode(Bool.self, "is_newest"),
        finalBefore: try row.decode(PostgresTimestamp.self, "final_before"),
        user: user, pattern: traces.pattern)
    }
  }

  /// Erases the person from the tables that do not belong to a rollup.
  private func eraseTables(_ traces: Traces, _ report: inout ErasureReport) async throws {
    // The rows are in binary form, where an id is either 16 bytes or a text.
    try report.add(
      "analytics_dead_letters",
      try await query(
        """
        DELETE FROM analytics_dead_letters
        WHERE user_id = \(user) OR position(uuid_send(\(user)) IN row) > 0
           OR (analytics_dead_letter_texts(row)).content COLLATE "C" ~* \(traces.pattern)
        """))
    // Waits for transactions that are adding usage counts. Later ones see the erasure.
    _ = try await query("SELECT analytics_lock_usage(true)")
    try report.add(
      "analytics_usage_members",
      try await query("DELETE FROM analytics_usage_members WHERE member ~* \(traces.pattern)"))
  }

  // MARK: - Cleaning up

  /// Computes the days that the erasure left to be recomputed, and any other ranges that wait. If
  /// this is cut short, `maintain` continues. If a definition cannot take a value, the error is
  /// noted with its rollup.
  private func recomputeScheduledDays() async throws {
    _ = try await RollupBackfill(connection: connection, schema: schema).run()
  }

  /// Removes the erased data from pages, indexes and the planner's statistics.
  private func cleanUp(_ report: ErasureReport, _ partitions: [String]) async throws {
    for table in report.rows.keys.sorted() + partitions {
      try await ignoringMissingTable {
        try await connection.execute(
          "VACUUM (INDEX_CLEANUP ON) \(SQL(verbatim: table))", deadline: Self.deadline)
      }
    }
    for table in report.rows.keys.sorted() + ["analytics_erasures"] {
      try await ignoringMissingTable {
        _ = try await query("SELECT analytics_analyze(\(table)::regclass)")
      }
    }
    guard !partitions.isEmpty else { return }
    try await connection.execute("ANALYZE analytics_events", deadline: Self.deadline)
  }

  /// Ignores a table that has gone in the meantime: retention drops partitions, and a migration
  /// drops the tables of a rollup's previous version.
  private func ignoringMissingTable(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as PostgresError where error.sqlState == .unknownTable {}
  }
}

extension ErasureReport {
  /// - Parameter answer: A single count, or the result of a command, whose affected rows count.
  fileprivate mutating func add(_ table: String?, _ answer: PostgresRows) throws(PostgresError) {
    guard let table else { return }
    let count = try answer.values(of: Int.self).first ?? answer.affectedRows
    if count > 0 { rows[table, default: 0] += count }
  }
}
