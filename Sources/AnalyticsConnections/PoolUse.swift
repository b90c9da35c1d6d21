internal import AnalyticsPostgres

/// A kind of use of the database: the size of its pool, and how long its callers wait.
package struct PoolUse: Hashable, Sendable {
  private let name: String
  private let connectionsMax: Int
  private let statementTimeout: Duration?
  private let waitTimeout: Duration

  private init(
    _ name: String, _ connectionsMax: Int, statementTimeout: Duration? = nil,
    waitTimeout: Duration = PostgresPool.Limits().waitTimeout
  ) {
    self.name = name
    self.connectionsMax = connectionsMax
    self.statementTimeout = statementTimeout
    self.waitTimeout = waitTimeout
  }

  /// Storing events: two batches at a time, each on a connection of its own.
  package static func ingest(timeout: Duration) -> PoolUse {
    PoolUse("ingest", 2, statementTimeout: timeout)
  }

  /// Usage counters: one connection to write them and one to close periods. If the server does not
  /// answer on one of them, the other still works.
  package static let usage = PoolUse("usage", 2)

  /// Reports.
  ///
  /// - Parameter connectionsMax: The number of reports that run at the same time. Others wait.
  package static func reports(connectionsMax: Int, timeout: Duration) -> PoolUse {
    PoolUse("reports", connectionsMax, statementTimeout: timeout)
  }

  /// The server's keys, readiness and received telemetry. Reports use other connections, so no
  /// report keeps a client from being authenticated.
  ///
  /// - Parameter timeout: The limit for a statement, and also for the wait for a connection before
  ///   it.
  package static func server(timeout: Duration) -> PoolUse {
    PoolUse("server", 2, statementTimeout: timeout, waitTimeout: timeout)
  }

  /// Merging events into the rollups, while events are being stored or at the end of it.
  package static let rollingUp = PoolUse("rolling up", 1, statementTimeout: .seconds(60))

  /// The outbox of telemetry. The figures in its documents are read on connections for reports.
  package static let telemetry = PoolUse("telemetry", 1)

  var limits: PostgresPool.Limits {
    PostgresPool.Limits(maximum: connectionsMax, waitTimeout: waitTimeout)
  }

  func configured(_ configuration: PostgresConfiguration) -> PostgresConfiguration {
    var configuration = configuration
    if let statementTimeout { configuration.statementTimeout = statementTimeout }
    return configuration
  }
}
