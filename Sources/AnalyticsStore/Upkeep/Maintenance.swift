public import AnalyticsConnections
internal import AnalyticsPostgres
internal import Crypto
internal import Foundation
public import Logging

/// Creates partitions ahead of time and drops raw events that are older than the retention period.
///
/// ```swift
/// let report = try await Maintenance(database).run()
/// ```
///
/// Only whole partitions are dropped, and ingest never waits for it. First the retention boundary
/// is raised. Then transactions that started to store events before that are waited for. Then each
/// partition is detached concurrently and dropped. If a report is reading a partition, or if a run
/// is cut short, a later run drops the partition. Any number of processes may call this at once;
/// one of them does the work.
///
/// Maintenance works as the role that owns the tables. The login has to be a member of that role.
/// Connect to the server itself: behind PgBouncer in transaction mode a session's lock does not
/// hold, and ``run()`` throws.
public struct Maintenance: Sendable {
  let database: AnalyticsDatabase
  let options: MaintenanceOptions
  let clock: any Clock<Duration>
  let logger: Logger

  /// Makes maintenance. It connects for each run. The login has to be a member of the role that
  /// owns the tables.
  ///
  /// - Parameter clock: The clock that measures pauses while a run waits for other transactions.
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

  /// Runs maintenance once.
  ///
  /// - Throws: ``StoreError``. Steps that were completed before the error stay done.
  @discardableResult
  public func run() async throws(StoreError) -> MaintenanceReport {
    if let problem = options.problem {
      throw StoreError(.configuration, problem + "; nothing was dropped")
    }
    do {
      return try await database.withSession { connection in try await run(on: connection) }
    } catch {
      let error = StoreError(error, doing: "maintenance")
      guard error.code == .busy, let cause = error.cause else { throw error }
      throw StoreError(.busy, "\(cause): run maintenance again later", cause: cause)
    }
  }

  private func run(on connection: PostgresConnection) async throws -> MaintenanceReport {
    let schema = try await database.schema(on: connection)
    do {
      // Closing the connection would release the lock too, but a moment after this returns. The
      // next run would then find the lock still held.
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

  /// Returns the key of the advisory lock, which is different for each schema.
  package static func lockKey(schema: String) -> Int64 {
    let digest = SHA256.hash(data: Data("analytics upkeep \(schema)".utf8))
    return digest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }

  private static func lockKey(_ schema: SchemaName) -> Int64 { lockKey(schema: schema.name) }
}
