internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// One erasure, on a connection of its own.
///
/// First the person is remembered, so that nothing new of them is stored. Then raw events are looked
/// through, with nobody waiting; and last everything is emptied in one transaction that ingest waits
/// for, so that figures and events agree at every moment.
struct ErasureRun {
  let connection: PostgresConnection
  let schema: SchemaName
  let user: UUID

  private static let statements = NamedStatements(file: PackageResources.erasure_sql)
  /// How long one statement may take: looking through a partition, or emptying a person's events.
  private static let deadline: Duration = .seconds(6 * 3600)
  /// How often the lock is asked for, five seconds each.
  private static let attemptsMax = 12

  /// What finds the person.
  private struct Traces {
    var id: String
    /// Addresses that `analytics_addresses_in` finds wherever they are, and others.
    var usual: [String]
    var unusual: [String]
    /// A regular expression that finds all of them.
    var pattern: String

    var texts: [String] { [id] + unusual + usual }
  }

  func report(progress: (Int) -> Void) async throws -> ErasureReport {
    try await connection.ignoreSessionDefaults()
    try await connection.execute("SET search_path = \(schema.quoted), pg_temp")
    let id = user.uuidString.lowercased()
    try await patiently { _ = try await remember([id]) }
    var traces = Traces(id: id, usual: [], unusual: [], pattern: "")
    for row in try await query("addresses", [.uuid(user)]) {
      let address = try row.decode(String.self, "address")
      if try row.decode(Bool.self, "is_usual") {
        traces.usual.append(address)
      } else {
        traces.unusual.append(address)
      }
    }
    traces.pattern = try await pattern(traces.texts) ?? ""
    let mentions = try await mentions(traces, progress: progress)
    let (report, partitions) = try await patiently { try await erase(traces, mentions) }
    try await cleanUp(report, partitions)
    return report
  }

  private func query(
    _ name: String, _ parameters: [PostgresParameter] = []
  ) async throws(PostgresError) -> PostgresRows {
    try await connection.query(
      Self.statements[name], parameters, deadline: Self.deadline)
  }

  private func remember(_ texts: [String]) async throws -> Date {
    try await query("remember", [.textArray(texts)]).only().decode(at: 0)
  }

  private func pattern(_ texts: [String]) async throws(PostgresError) -> String? {
    try await query("pattern", [.textArray(texts)]).only().decode(at: 0)
  }

  /// Tries again where a lock was not to be had in time.
  private func patiently<Result>(_ body: () async throws -> Result) async throws -> Result {
    for _ in 1..<Self.attemptsMax {
      do {
        return try await connection.transaction(isolation: .readCommitted) { _ in
          try await connection.execute("SET LOCAL lock_timeout = '5s'")
          return try await body()
        }
      } catch let error as PostgresError
        where error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected
      {}
    }
    return try await connection.transaction(isolation: .readCommitted) { _ in try await body() }
  }

  // MARK: - Looking

  private struct Key {
    var timestamps: [Int64] = []
    var ids: [UUID] = []
  }

  private func mentions(_ traces: Traces, progress: (Int) -> Void) async throws -> Key {
    var keys = Key()
    let id = try await pattern([traces.id]) ?? ""
    let unusual = try await pattern(traces.unusual)
    let partitions = try await query("partitions")
    for (index, partition) in partitions.enumerated() {
      progress(partitions.count - index)
      let rows = try await query(
        "mentions",
        [
          .timestamptz(try partition.decode(PostgresTimestamp.self, "lower_bound")),
          .timestamptz(try partition.decode(PostgresTimestamp.self, "upper_bound")),
          .uuid(user), .text(id), unusual.map { .text($0) } ?? .null, .textArray(traces.usual),
        ])
      for row in rows {
        keys.timestamps.append(try row.decode(PostgresTimestamp.self, "timestamp").microseconds)
        keys.ids.append(try row.decode(UUID.self, "id"))
      }
    }
    return keys
  }

  // MARK: - Emptying

  /// - Returns: The partitions that were changed, too.
  private func erase(
    _ traces: Traces, _ mentions: Key
  ) async throws -> (ErasureReport, partitions: [String]) {
    try await connection.execute(Self.statements["begin"])
    let instant = try await remember(traces.texts)
    var report = ErasureReport(
      erasedAt: instant, events: 0, mentions: 0, rows: [:], partitionsOnTheirWayOut: 0)
    report.events = try await query("keep_own", [.uuid(user)]).affectedRows
    report.mentions = try await query(
      "keep_mentions",
      [
        .timestamptzArray(microseconds: mentions.timestamps), .uuidArray(mentions.ids),
        .uuid(user),
      ]
    ).affectedRows
    _ = try await query(
      "empty", [.textArray([traces.id] + traces.unusual), .textArray(traces.usual)])
    let rollups = try await rollupVersions()
    for step in rollups.flatMap(\.dropSamples) + rollups.flatMap(\.forget) {
      try await run(step, traces, &report)
    }
    let partitions = try await query("touched_partitions")
    for partition in partitions {
      _ = try await query(
        "replace_events",
        [
          .timestamptz(try partition.decode(PostgresTimestamp.self, "lower_bound")),
          .timestamptz(try partition.decode(PostgresTimestamp.self, "upper_bound")),
        ])
    }
    for step in rollups.filter(\.isNewest).flatMap(\.agree) {
      try await run(step, traces, &report)
    }
    try report.add(
      "stat_environment_updates", try await query("erase_environments", [.text(traces.pattern)]))
    try report.add("analytics_users", try await query("erase_user", [.uuid(user)]))
    try report.add(
      "analytics_dead_letters",
      try await query("erase_dead_letters", [.uuid(user), .text(traces.pattern)]))
    _ = try await query("await_usage")
    try report.add(
      "analytics_usage_members", try await query("erase_usage_members", [.text(traces.pattern)]))
    report.partitionsOnTheirWayOut = try await query("partitions_on_their_way_out").only()
      .decode(at: 0)
    return (report, try partitions.map { try $0.decode(String.self, "partition") })
  }

  private func rollupVersions() async throws -> [RollupErasure] {
    try await query("rollup_versions").map { row in
      RollupErasure(
        rollup: try JSONDecoder().decode(
          Rollup.self, from: Data(try row.decode(String.self, "definition").utf8)),
        isNewest: try row.decode(Bool.self, "is_newest"),
        finalBefore: try row.decode(PostgresTimestamp.self, "final_before"))
    }
  }

  private func run(
    _ step: RollupErasure.Step, _ traces: Traces, _ report: inout ErasureReport
  ) async throws(PostgresError) {
    let parameters: [PostgresParameter] = step.parameters.map { parameter in
      switch parameter {
      case .user: .uuid(user)
      case .pattern: .text(traces.pattern)
      case .instant(let instant): .timestamptz(instant)
      }
    }
    try report.add(
      step.table, try await connection.query(step.sql, parameters, deadline: Self.deadline))
  }

  // MARK: - Afterwards

  /// What was there leaves the pages, the indexes and the planner's statistics too.
  private func cleanUp(_ report: ErasureReport, _ partitions: [String]) async throws {
    for table in report.rows.keys.sorted() + partitions {
      try await connection.execute(
        "VACUUM (INDEX_CLEANUP ON) \(table)", deadline: Self.deadline)
    }
    for table in report.rows.keys.sorted() + ["analytics_erasures"] {
      _ = try await query("analyze", [.text(table)])
    }
    guard !partitions.isEmpty else { return }
    try await connection.execute("ANALYZE analytics_events", deadline: Self.deadline)
  }
}

extension ErasureReport {
  /// - Parameter answer: One number, or what was done.
  fileprivate mutating func add(_ table: String, _ answer: PostgresRows) throws(PostgresError) {
    let count = try answer.first?.decode(Int.self, at: 0) ?? answer.affectedRows
    if count > 0 { rows[table, default: 0] += count }
  }
}
