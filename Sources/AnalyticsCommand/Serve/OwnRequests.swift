import Analytics
import AnalyticsConnections
import AnalyticsHummingbird
import AnalyticsServer
import AnalyticsStore
import Logging

/// Tracks the requests to `serve` itself, the way a service tracks its events.
struct OwnRequests {
  let client: AnalyticsClient

  private static let service = "analytics"

  init(_ database: AnalyticsDatabase) throws {
    // Events about a report server's requests need not survive its process.
    var configuration = AnalyticsConfiguration(service: Self.service, buffer: .memory())
    configuration.flushInterval = .seconds(2)
    // Part of the time that `serve` has to shut down.
    configuration.shutdownGrace = .seconds(5)
    client = try AnalyticsClient(configuration, sink: PostgresEventSink(database))
  }

  var middleware: AnalyticsMiddleware<ServerContext> {
    AnalyticsMiddleware(client, service: Self.service)
  }

  func worker(_ logger: Logger) -> AnalyticsWorker { AnalyticsWorker(client, logger: logger) }

  /// The terms of the accounting identity, in its order.
  var facts: [ProcessFact] {
    let accounting = client.accounting
    return [
      ProcessFact("Tracked", accounting.tracked), ProcessFact("Recovered", accounting.recovered),
      ProcessFact("Stored", accounting.stored), ProcessFact("Duplicates", accounting.duplicates),
      ProcessFact("Rejected", accounting.rejected.values.reduce(0, +)),
      ProcessFact("Dropped", accounting.dropped.values.reduce(0, +)),
      ProcessFact("Pending", accounting.pending),
    ]
  }
}
