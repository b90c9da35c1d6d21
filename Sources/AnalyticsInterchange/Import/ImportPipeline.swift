package import Analytics
package import AnalyticsConnections
import AnalyticsStore
package import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Imports events into a database the way a service stores its own: with a client in memory mode
/// and a worker.
///
/// A second import restores everything that is lost, so nothing needs to survive the process.
package struct ImportPipeline {
  private let database: AnalyticsDatabase
  private let configuration: AnalyticsConfiguration
  private let isLocal: Bool
  private let display: any ProgressDisplay
  private let logger: Logger

  /// Enough for the row of the longest line.
  private static let segmentBytes = 20 << 20
  /// Four segments: one is filled, one is sent, and two bridge pauses of either side.
  private static let bufferBytes = 4 * segmentBytes
  /// The worker is woken for batches that are worth a transaction.
  private static let rowsPerWake = 5000

  /// - Parameters:
  ///   - service: The service of events without one.
  ///   - isLocal: Whether the database is the private one of `--local`.
  ///   - acceptsFrom: Earlier events are refused.
  package init(
    into database: AnalyticsDatabase, service: String, privacy: PrivacyPreset,
    key: PrivacyKey?, acceptsFrom: EventTimestamp = .acceptedFromByDefault,
    isLocal: Bool = false, display: any ProgressDisplay = NoDisplay(), logger: Logger
  ) {
    self.database = database
    (self.isLocal, self.display, self.logger) = (isLocal, display, logger)
    configuration = Self.configuration(
      service: service, privacy: privacy, key: key, acceptsFrom: acceptsFrom)
  }

  /// Reads the inputs, and waits until all events are stored or refused.
  ///
  /// On SIGINT or SIGTERM it stops reading and stores what it has read, within the worker's grace
  /// period.
  ///
  /// - Throws: If the database cannot be used at all. Later failures are retried.
  package func run(_ paths: [String], _ options: Importer.Options) async throws -> ImportSummary {
    try await database.requireMigrated()
    let notices = try await notices()
    let refusedDays = RefusedDays(try await Migrator(database).lostDays().days)
    let sink = PostgresEventSink(database)
    let client = try AnalyticsClient(configuration, sink: sink)
    let reading = Reading(
      client: client, sink: sink, paths: paths, options: options, notices: notices,
      refusedDays: refusedDays, display: display, logger: logger)
    // Services shut down in reverse order: the worker stores what the reader has read.
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: AnalyticsWorker(client, logger: logger)),
          .init(service: reading, successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
    try await group.run()
    var summary = reading.summary.withLock { $0 }
    summary.count(client.accounting)
    return summary
  }

  /// Empty if this database user may not inspect the storage of events.
  private func notices() async throws -> [OldEventNotice] {
    do {
      return try await Migrator(database).storage().map {
        OldEventNotice.of($0, isLocal: isLocal)
      } ?? []
    } catch {
      guard error.code == .notGranted else { throw error }
      return []
    }
  }

  private static func configuration(
    service: String, privacy: PrivacyPreset, key: PrivacyKey?, acceptsFrom: EventTimestamp
  ) -> AnalyticsConfiguration {
    var configuration = AnalyticsConfiguration(
      service: service, buffer: .memory(limitBytes: bufferBytes))
    configuration.segmentBytes = segmentBytes
    configuration.batchSize = rowsPerWake
    // Events that arrive slowly through a pipe should not wait for a full batch.
    configuration.flushInterval = .seconds(1)
    configuration.acceptsFrom = acceptsFrom
    configuration.privacy = privacy
    configuration.privacyKey = key
    return configuration
  }
}

/// Reads the inputs as a service, which ends once everything it read is stored.
private final class Reading: Service {
  let summary = Mutex(ImportSummary())
  private let client: AnalyticsClient
  private let sink: PostgresEventSink
  private let paths: [String]
  private let options: Importer.Options
  private let notices: [OldEventNotice]
  private let refusedDays: RefusedDays
  private let display: any ProgressDisplay
  private let logger: Logger

  /// Storing may take as long as it needs; a person can interrupt it.
  private static let patience: Duration = .seconds(365 * 24 * 3600)

  init(
    client: AnalyticsClient, sink: PostgresEventSink, paths: [String], options: Importer.Options,
    notices: [OldEventNotice], refusedDays: RefusedDays, display: any ProgressDisplay,
    logger: Logger
  ) {
    self.client = client
    self.sink = sink
    self.logger = logger
    self.paths = paths
    self.options = options
    self.notices = notices
    self.refusedDays = refusedDays
    self.display = display
  }

  /// Rolls up all pending events. Reports contain them already, and are faster once nothing is
  /// pending.
  private func rollUp() async {
    do {
      try await sink.rollUpAll()
    } catch {
      logger.warning(
        "events are not yet rolled up: `analytics maintain` rolls them up",
        metadata: ["analytics.reason": "\(error.description)"])
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      let start = ContinuousClock.now
      var result = await Importer(
        options, into: client, notices: notices, refusedDays: refusedDays, display: display
      ).run(paths)
      do {
        try await client.flush(timeout: Self.patience)
      } catch {
        result.ending = .stopped
      }
      result.seconds = (ContinuousClock.now - start) / .seconds(1)
      await rollUp()
      summary.withLock { $0 = result }
    }
  }
}

extension ImportSummary {
  /// Takes over the client's counts of the events that were passed to it.
  mutating func count(_ accounting: EventAccounting) {
    stored = accounting.stored
    duplicates = accounting.duplicates
    rejected = accounting.rejected.values.reduce(0, +)
    rejectedByReason = accounting.rejected
    if accounting.dropped[.shutdown, default: 0] > 0 { ending = .stopped }
  }
}
