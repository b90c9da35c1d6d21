import Analytics
import AnalyticsConnections
import AnalyticsHummingbird
import AnalyticsServer
import AnalyticsStore
import Logging

/// The requests of `serve` itself, on the way of any service's events.
struct OwnRequests {
  let client: AnalyticsClient

  private static let service = "analytics"

  init(_ database: AnalyticsDatabase) throws {
    // What a report server was asked need not survive it.
    var configuration = AnalyticsConfiguration(service: Self.service, buffer: .memory())
    configuration.flushInterval = .seconds(2)
    // A part of the time in which `serve` ends.
    configuration.shutdownGrace = .seconds(5)
    client = try AnalyticsClient(configuration, sink: PostgresEventSink(database))
  }

  var middleware: AnalyticsMiddleware<ServerContext> {
    AnalyticsMiddleware(client, service: Self.service)
  }

  func worker(_ logger: Logger) -> AnalyticsWorker { AnalyticsWorker(client, logger: logger) }

  /// The accounting identity, in its order.
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
