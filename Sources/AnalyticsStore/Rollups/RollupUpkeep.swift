public import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsRollups
public import Foundation

/// Operations on rollups: show their status, compute them for events that were stored before they
/// existed, and verify them.
public struct RollupUpkeep: Sendable {
  private let database: AnalyticsDatabase

  /// Makes a value for a database. It connects for each call.
  public init(_ database: AnalyticsDatabase) { self.database = database }

  /// Returns the status of each rollup. Writes nothing.
  public func status() async throws(StoreError) -> [RollupStatus] {
    try await connected { session in
      try await session.connection.query(
        """
        SELECT DISTINCT ON (r.name) r.name, r.version, r.valid_from,
               (SELECT count(*) FROM \(session.schema).analytics_rollup_pending AS p
                WHERE p.name = r.name AND p.version = r.version) AS pending
        FROM \(session.schema).analytics_rollups AS r ORDER BY r.name, r.version DESC
        """
      ).map { row in
        RollupStatus(
          name: try row.decode(String.self, "name"), version: try row.decode(Int.self, "version"),
          pendingRanges: try row.decode(Int.self, "pending"),
          validFrom: try row.decode(PostgresTimestamp.self, "valid_from").date)
      }
    }
  }

  /// Computes the missing ranges of rollups, then rolls up all pending events. Before that, it
  /// makes events of unknown batches pending (see `Migrator.eventsOfUnknownBatches()`).
  ///
  /// - Parameter progress: Called after each range, with the number of ranges that are left.
  /// - Returns: The number of computed ranges.
  @discardableResult
  public func refresh(
    progress: (Int) -> Void = { _ in }
  ) async throws(StoreError) -> Int {
    try await connected { session in
      try await adoptUnknownBatches(session)
      return try await RollupBackfill(connection: session.connection, schema: session.schema)
        .run(progress: progress).get()
    }
  }

  /// Makes events of unknown batches pending. It holds the lock of rolling up, so no other process
  /// makes them pending or rolls them up in between.
  private func adoptUnknownBatches(_ session: MigrationSession) async throws {
    try await session.connection.transaction(isolation: .readCommitted) { connection in
      try await connection.execute(.names(in: session.schema, isLocal: true))
      guard try await connection.hasFunction("analytics_unknown_batches()") else { return }
      _ = try await connection.query("SELECT analytics_lock_rollups()")
      _ = try await connection.query(
        """
        INSERT INTO analytics_pending (batch) SELECT batch FROM analytics_unknown_batches()
        ON CONFLICT DO NOTHING
        """)
    }
  }

  /// Recomputes all rollups from the raw events that exist and compares the results with the stored
  /// figures. It writes nothing, and reads all raw events once for each table. Events may be stored
  /// in the meantime. Ranges that are still to be computed are left out: see
  /// ``RollupStatus/pendingRanges``.
  ///
  /// - Returns: The tables that differ; empty if none do.
  public func verify() async throws(StoreError) -> [RollupDifference] {
    try await connected { session in
      try await useNames(of: session)
      return try await RollupVerification(session: session).run()
    }
  }

  /// Finds names without a schema in that of the session, until the session ends.
  ///
  /// - Throws: `sharedSession` if a pooler shares sessions. The setting would apply to others, too.
  func useNames(of session: MigrationSession) async throws(PostgresError) {
    try await session.connection.requireOwnSession()
    try await session.connection.execute(.names(in: session.schema, isLocal: false))
  }

  func connected<Result>(
    _ body: (MigrationSession) async throws -> Result
  ) async throws(StoreError) -> Result {
    try await Migrator(database).connected(doing: "the rollup operation") { session in
      guard try await session.hasRollups() else { throw StoreError.noRollups }
      return try await body(session)
    }
  }
}

/// The status of a rollup.
public struct RollupStatus: Hashable, Sendable {
  /// The rollup's name.
  public let name: String
  /// The newest version, the one that new events are counted in.
  public let version: Int
  /// The number of ranges of earlier events that are still to be computed.
  public let pendingRanges: Int
  /// The time from which on this version has figures. Older days have the figures of the previous
  /// version, or none if there is no such version. `nil` if this version covers all days.
  public let validFrom: Date?
}

/// A table whose rows differ from what the raw events say.
public struct RollupDifference: Hashable, Sendable {
  /// The table's name.
  public let table: String
  /// The number of rows that differ, are missing or should not exist.
  public let rows: Int
  /// The time of the first such row, as the server writes it.
  public let first: String
}

extension MigrationSession {
  /// Returns the newest version of each rollup that the database has.
  func newestRollups() async throws -> [Rollup] {
    let rows = try await connection.query(
      """
      SELECT DISTINCT ON (name) definition FROM \(schema).analytics_rollups
      ORDER BY name, version DESC
      """)
    return try rows.map { row in
      try Rollup(definition: try row.decode(String.self, "definition"))
    }
  }
}

extension StoreError {
  fileprivate static let noRollups = Self(
    .outOfOrder, "this database has no rollups yet: run `analytics migrate`")
}
