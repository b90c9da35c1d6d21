internal import AnalyticsPostgres

/// What the connections of a pool are for, how many there are, and how long its users wait.
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

  /// Two batches are written at a time, each on a connection of its own.
  package static func ingest(timeout: Duration) -> PoolUse {
    PoolUse("ingest", 2, statementTimeout: timeout)
  }

  /// A connection for flushes of counters, and one for closing periods: while the server does not answer the
  /// one, the other goes on.
  package static let usage = PoolUse("usage", 2)

  /// - Parameter connectionsMax: How many reports run at one time; others wait.
  package static func reports(connectionsMax: Int, timeout: Duration) -> PoolUse {
    PoolUse("reports", connectionsMax, statementTimeout: timeout)
  }

  /// Connections for keys, readiness and documents of telemetry. Reports have others, so none of them keeps
  /// anybody from signing in.
  ///
  /// - Parameter timeout: How long a statement may take, and before it the wait for a connection.
  package static func server(timeout: Duration) -> PoolUse {
    PoolUse("server", 2, statementTimeout: timeout, waitTimeout: timeout)
  }

  /// Merging events into the rollups, beside ingest or at its end.
  package static let rollingUp = PoolUse("rolling up", 1, statementTimeout: .seconds(60))

  /// The outbox. The figures in its documents are read as reports are.
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
