import Analytics
import AnalyticsConnections
import AnalyticsStore
import AnalyticsText
import ServiceLifecycle
import UnixSignals

/// Delivers the events that dead processes left for a database: runs a worker until everything it
/// finds is delivered.
struct SpoolDrain {
  let directory: String
  let database: AnalyticsDatabase
  let acceptsFrom: EventTimestamp
  let timeout: Duration

  struct Result: Encodable {
    /// Events that were found.
    var recovered: Int
    var stored: Int
    /// Events that were already in the database.
    var duplicates: Int
    var rejected: Int
    /// Events whose file was damaged.
    var lost: Int
    /// Events that remain: the timeout passed, or no process has adopted them.
    var pending: Int

    var text: String {
      "\(recovered.counted("event")) found, \(stored.grouped) stored, "
        + "\(duplicates.counted("duplicate")), \(rejected.grouped) refused, \(lost.grouped) lost, "
        + "\(pending.grouped) left"
    }
  }

  func run() async throws -> Result {
    var configuration = AnalyticsConfiguration(
      service: "spool", buffer: .durable(directory: directory))
    // No events are tracked here, so the smallest segments suffice.
    configuration.segmentBytes = 64 << 10
    configuration.acceptsFrom = acceptsFrom
    configuration.shutdownGrace = .zero
    let client = try AnalyticsClient(configuration, sink: PostgresEventSink(database))
    let logger = TerminalLog.logger()
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: AnalyticsWorker(client, logger: logger)),
          .init(
            service: Finish(client: client, timeout: timeout),
            successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        cancellationSignals: [.sigint, .sigterm], logger: logger))
    try await group.run()
    let accounting = client.accounting
    return Result(
      recovered: accounting.recovered, stored: accounting.stored,
      duplicates: accounting.duplicates, rejected: accounting.rejected.values.reduce(0, +),
      lost: accounting.dropped[.lost] ?? 0, pending: accounting.pending + client.unadoptedEvents)
  }

  /// Ends when the spool is delivered, or after the timeout.
  private struct Finish: Service {
    let client: AnalyticsClient
    let timeout: Duration

    func run() async throws {
      do {
        try await client.finishSpool(timeout: timeout)
      } catch let error as AnalyticsError where error.code == .flushTimedOut {
        // The remaining events are counted as pending.
      }
    }
  }
}
