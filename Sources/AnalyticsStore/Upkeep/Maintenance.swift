package import AnalyticsPostgres
internal import Crypto
internal import Foundation
public import Logging

/// Makes partitions ahead of time, and drops raw events that are older than they are kept.
///
/// ```swift
/// let report = try await Maintenance(url: databaseURL).run()
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
  let configuration: PostgresConfiguration
  let schema: String?
  let options: MaintenanceOptions
  let clock: any Clock<Duration>
  let logger: Logger

  /// - Parameters:
  ///   - url: `postgres://user:password@host:port/database`.
  ///   - schema: Where the tables are. By default the first of `search_path`.
  /// - Throws: ``MaintenanceError/Code/connection`` if the URL cannot be understood.
  public init(
    url: String, schema: String? = nil, options: MaintenanceOptions = MaintenanceOptions(),
    logger: Logger = Logger(label: "analytics.maintenance")
  ) throws(MaintenanceError) {
    do {
      self.init(
        try PostgresConfiguration(url: url), schema: schema, options: options, logger: logger)
    } catch {
      throw MaintenanceError(code: .connection, description: error.description)
    }
  }

  package init(
    _ configuration: PostgresConfiguration, schema: String? = nil,
    options: MaintenanceOptions = MaintenanceOptions(), clock: any Clock<Duration> = .continuous,
    logger: Logger = Logger(label: "analytics.maintenance")
  ) {
    self.configuration = configuration
    self.schema = schema
    self.options = options
    self.clock = clock
    self.logger = logger
  }

  /// Does once what there is to do.
  ///
  /// - Throws: ``MaintenanceError``. What was done before stays done.
  @discardableResult
  public func run() async throws(MaintenanceError) -> MaintenanceReport {
    do {
      let connection = try await PostgresConnection.connect(configuration)
      do {
        let report = try await run(on: connection)
        await connection.close()
        return report
      } catch {
        await connection.close()
        throw error
      }
    } catch let error as MaintenanceError {
      throw error
    } catch let error as PostgresError {
      throw MaintenanceError(error)
    } catch {
      throw MaintenanceError(code: .failed, description: "upkeep was interrupted")
    }
  }

  private func run(on connection: PostgresConnection) async throws -> MaintenanceReport {
    guard let schema = try await SchemaName.resolve(schema, on: connection) else {
      throw MaintenanceError(
        code: .notMigrated,
        description: "no schema of search_path exists in this database: create one or name it")
    }
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

extension MaintenanceError {
  init(_ error: PostgresError) {
    switch error.sqlState {
    case .unknownTable, .unknownSchema, .unknownFunction, .unknownColumn:
      let place = error.destination.map { " at \($0)" } ?? ""
      self.init(
        code: .notMigrated,
        description:
          "the analytics tables are missing or too old\(place): run `analytics-migrate all`")
    case .lockNotAvailable:
      let place = error.destination.map { " at \($0)" } ?? ""
      self.init(
        code: .failed,
        description: "somebody has locked the events for too long\(place): run upkeep again later")
    case nil:
      self.init(code: .connection, description: "upkeep cannot be done: \(error)")
    default:
      self.init(code: .failed, description: "upkeep failed: \(error)")
    }
  }
}
