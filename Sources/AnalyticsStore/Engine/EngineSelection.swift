internal import AnalyticsPostgres
internal import AnalyticsText
internal import Logging

/// Sees to it that what should keep the events does, once the tables are there.
struct EngineSelection {
  let session: MigrationSession
  let choice: EngineChoice
  let logger: Logger

  private var connection: PostgresConnection { session.connection }

  func apply() async throws {
    guard let place = try await EnginePlace.read(session.schema, on: connection) else { return }
    switch (choice, place.engine) {
    case (.plain, .plain), (.timescale, .timescale), (.auto, .timescale): return
    case (.plain, .timescale): throw MigrationError.noWayBack
    case (.timescale, .plain): try await move()
    case (.auto, .plain): try await moveIfEmpty()
    }
  }

  /// Whether the role that owns the tables has to be one that could log in: only as such TimescaleDB
  /// runs its jobs.
  func needsOwnerWithLogin() async throws(PostgresError) -> Bool {
    guard choice != .plain else { return false }
    return try await missingPrerequisite() == nil
  }

  private func moveIfEmpty() async throws {
    guard try await missingPrerequisite() == nil, try await !hasPartitions() else { return }
    do {
      try await move()
    } catch let error as MigrationError {
      // No right to make the extension, the edition without compression: plain will do.
      logger.info(
        "TimescaleDB is not used", metadata: ["analytics.reason": "\(error.description)"])
    }
  }

  private func hasPartitions() async throws(PostgresError) -> Bool {
    try await connection.query(Statement.hasPartitions.text(in: session.schema)).only()
      .decode(at: 0)
  }

  /// What the server lacks, in words.
  private func missingPrerequisite() async throws(PostgresError) -> String? {
    let row = try await connection.query(Statement.timescaleAvailability.text).only()
    if try !row.decode(Bool.self, at: 0) { return "it is not installed on the server" }
    if try !row.decode(Bool.self, at: 1) {
      return "it is not in the server's shared_preload_libraries"
    }
    return nil
  }

  private func move() async throws {
    if let missing = try await missingPrerequisite() { throw MigrationError.noTimescale(missing) }
    do {
      try await connection.transaction { _ in
        // Whoever logged in may have the right to that, which the owner has no other use for.
        try await connection.execute("RESET ROLE; CREATE EXTENSION IF NOT EXISTS timescaledb")
        try await connection.workAsOwner(of: session.schema)
        let license: String? = try await connection.query(
          "SELECT current_setting('timescaledb.license', true)"
        ).only().decode(at: 0)
        guard license == "timescale" else {
          throw MigrationError.noTimescale("the server has the edition without compression")
        }
        let place = try await EnginePlace.read(session.schema, on: connection)
        let script = String(decoding: PackageResources.timescale_sql, as: UTF8.self)
        try await connection.execute(
          script.filling([
            "schema": session.schema.quoted, "extension": place?.extensionSchema ?? "public",
            "events": SQLText.literal(session.schema.quoted + ".analytics_events"),
          ]))
      }
    } catch let error as PostgresError {
      throw MigrationError.noTimescale("\(error)")
    }
    logger.info("events are kept by TimescaleDB")
  }
}

extension MigrationError {
  static func noTimescale(_ reason: String) -> Self {
    Self(
      code: .engine,
      description: "events cannot be kept by TimescaleDB: \(reason); they stay where they are")
  }

  static let noWayBack = Self(
    code: .engine,
    description: "events are kept by TimescaleDB already; to go back to plain PostgreSQL, "
      + "migrate another database with --engine plain and import them there")
}
