internal import AnalyticsCatalogue
public import AnalyticsConnections
internal import AnalyticsPostgres
public import Foundation

/// What is to be done about rollups besides keeping them: to see how they stand, to fill in what was
/// stored before they were, to prove them right.
public struct RollupUpkeep: Sendable {
  private let database: AnalyticsDatabase

  /// Connects for each call.
  public init(_ database: AnalyticsDatabase) { self.database = database }

  /// How each rollup stands. Writes nothing.
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

  /// Computes the ranges of new rollups, and rolls up what is pending. Events of unknown batches become pending before
  /// (see `Migrator.eventsOfUnknownBatches()`).
  ///
  /// - Parameter progress: Called after each range, with how many are left.
  /// - Returns: How many ranges were computed.
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

  /// Under the lock of those who roll up: nobody else makes them pending, or rolls them up, in between.
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

  /// Recomputes everything from raw events, as far as those are there. Writes nothing; events may
  /// come meanwhile. Reads all raw events once for each table. Ranges that are still to be computed are left
  /// out: ``RollupStatus/pendingRanges``.
  ///
  /// - Returns: Where what is kept differs; empty if nowhere.
  public func verify() async throws(StoreError) -> [RollupDifference] {
    try await connected { session in
      try await session.connection.execute(.names(in: session.schema, isLocal: false))
      return try await RollupVerification(session: session).run()
    }
  }

  func connected<Result>(
    _ body: (MigrationSession) async throws -> Result
  ) async throws(StoreError) -> Result {
    try await Migrator(database).connected(doing: "the work on rollups") { session in
      guard try await session.hasRollups() else { throw StoreError.noRollups }
      return try await body(session)
    }
  }
}

/// How a rollup stands.
public struct RollupStatus: Hashable, Sendable {
  /// The rollup's name.
  public let name: String
  /// The version that is kept.
  public let version: Int
  /// How many ranges of events that were stored before are still to be computed.
  public let pendingRanges: Int
  /// Older days have the figures of the version before, or none if there is no such; `nil` for no such days.
  public let validFrom: Date?
}

/// A table that does not hold what its raw events say.
public struct RollupDifference: Hashable, Sendable {
  /// The table.
  public let table: String
  /// How many rows differ, are missing or too many.
  public let rows: Int
  /// The time of the first one, as the server writes it.
  public let first: String
}

extension MigrationSession {
  /// The newest version of each rollup that the database knows.
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
