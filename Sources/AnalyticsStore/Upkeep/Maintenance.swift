public import AnalyticsConnections
internal import AnalyticsPostgres
internal import Crypto
internal import Foundation
public import Logging

/// Makes partitions ahead of time, and drops raw events that are older than they are kept.
///
/// ```swift
/// let report = try await Maintenance(database).run()
/// ```
///
/// Only whole partitions go, and never with ingest waiting: the boundary is raised first, then
/// those who began to store before that are waited for, then each partition is detached
/// concurrently and dropped. A report that reads one keeps it until a later run; so does whatever
/// ends a run halfway. Any number of processes may call this at once: one does it.
///
/// It works as the role that owns the tables, of which the login has to be a member. Connect to the
/// server itself: behind PgBouncer in transaction mode a session's lock does not hold, and this
/// throws.
public struct Maintenance: Sendable {
  let database: AnalyticsDatabase
  let options: MaintenanceOptions
  let clock: any Clock<Duration>
  let logger: Logger

  /// Connects for each run. The login has to own the tables.
  ///
  /// - Parameter clock: What pauses are measured with, while it waits for a transaction in its way.
  public init(
    _ database: AnalyticsDatabase, options: MaintenanceOptions = MaintenanceOptions(),
    clock: any Clock<Duration> = .continuous,
    logger: Logger = Logger(label: "analytics.maintenance")
  ) {
    self.database = database
    self.options = options
    self.clock = clock
    self.logger = logger
  }

  /// Does once what there is to do.
  ///
  /// - Throws: ``StoreError``. What was done before stays done.
  @discardableResult
  public func run() async throws(StoreError) -> MaintenanceReport {
    do {
      return try await database.withSession { connection in try await run(on: connection) }
    } catch {
      let error = StoreError(error, doing: "upkeep")
      guard error.code == .busy, let cause = error.cause else { throw error }
      throw StoreError(.busy, "\(cause): run upkeep again later", cause: cause)
    }
  }

  private func run(on connection: PostgresConnection) async throws -> MaintenanceReport {
    let schema = try await database.schema(on: connection)
    do {
      // Closing the connection would give the lock back too, but a moment after it has returned: the
      // next run would find this one still at work.
      return try await connection.withAdvisoryLock(Self.lockKey(schema), timeout: .zero) {
        try await connection.ignoreSessionDefaults()
        try await connection.workAsOwner(of: schema)
        return try await MaintenanceRun(
          connection: connection, schema: schema, options: options, clock: clock, logger: logger
        ).report()
      }
    } catch let error as PostgresError where error.code == .lockUnavailable {
      var report = MaintenanceReport()
      report.isBusyElsewhere = true
      return report
    }
  }

  /// One for each schema.
  package static func lockKey(schema: String) -> Int64 {
    let digest = SHA256.hash(data: Data("analytics upkeep \(schema)".utf8))
    return digest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }

  private static func lockKey(_ schema: SchemaName) -> Int64 { lockKey(schema: schema.name) }
}
