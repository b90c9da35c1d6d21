import Analytics
import AnalyticsConnections
import AnalyticsStore
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// An import into a database: the way that a service's own events take.
///
/// A client in memory mode and a worker. Nothing is lost that a second run would not bring back, so
/// nothing needs to survive the process.
struct ImportPipeline {
  let database: AnalyticsDatabase
  let service: String
  let privacy: PrivacyPreset
  /// Whether it is the private database of `--local`.
  var isLocal = false
  var acceptsFrom = EventTimestamp.acceptedFromByDefault

  /// Room for the row of the longest line.
  private static let segmentBytes = 20 << 20
  /// Four segments: one is filled, one is sent, and two bridge the pauses of either side.
  private static let bufferBytes = 4 * segmentBytes
  /// The worker is woken for batches that are worth a transaction.
  private static let rowsPerWake = 5000

  /// Reads the inputs, and waits until all their events are stored or refused.
  ///
  /// On SIGINT or SIGTERM it stops reading and stores what it has, for as long as the worker's grace
  /// period allows.
  ///
  /// - Throws: if the database cannot be used at all. Later troubles with it are waited out.
  func run(_ paths: [String], _ options: Importer.Options) async throws -> ImportSummary {
    let logger = TerminalLog.logger()
    try await database.requireMigrated()
    let notices = try await notices()
    let refusedDays = RefusedDays(try await Migrator(database).lostDays().days)
    let sink = PostgresEventSink(database)
    let client = try AnalyticsClient(try configuration(), sink: sink)
    let reading = Reading(
      client: client, sink: sink, paths: paths, options: options, notices: notices,
      refusedDays: refusedDays, logger: logger)
    // In reverse order of shutdown: the worker stores what the reader has read.
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

  /// None where this login may not look at what keeps the events.
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

  private func configuration() throws -> AnalyticsConfiguration {
    var configuration = AnalyticsConfiguration(
      service: service, buffer: .memory(limitBytes: Self.bufferBytes))
    configuration.segmentBytes = Self.segmentBytes
    configuration.batchSize = Self.rowsPerWake
    // Events that trickle in through a pipe should not wait for company.
    configuration.flushInterval = .seconds(1)
    configuration.acceptsFrom = acceptsFrom
    configuration.privacy = privacy
    configuration.privacyKey = try PrivacyOptions.key()
    return configuration
  }
}

/// The reader as a service: it ends when everything it read is stored.
private final class Reading: Service {
  let summary = Mutex(ImportSummary())
  private let client: AnalyticsClient
  private let sink: PostgresEventSink
  private let paths: [String]
  private let options: Importer.Options
  private let notices: [OldEventNotice]
  private let refusedDays: RefusedDays
  private let logger: Logger

  /// Storing takes as long as it takes; who will not wait can stop it.
  private static let patience: Duration = .seconds(365 * 24 * 3600)

  init(
    client: AnalyticsClient, sink: PostgresEventSink, paths: [String], options: Importer.Options,
    notices: [OldEventNotice], refusedDays: RefusedDays, logger: Logger
  ) {
    self.client = client
    self.sink = sink
    self.logger = logger
    self.paths = paths
    self.options = options
    self.notices = notices
    self.refusedDays = refusedDays
  }

  /// All is in every report already; these are faster when nothing is pending.
  private func rollUp() async {
    do {
      try await sink.rollUpAll()
    } catch {
      logger.warning(
        "events stay pending: `analytics maintain` rolls them up",
        metadata: ["analytics.reason": "\(error.description)"])
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      let start = ContinuousClock.now
      var result = await Importer(options, into: client, notices: notices, refusedDays: refusedDays)
        .run(paths)
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
  /// Takes over what the client knows of the events that were handed to it.
  mutating func count(_ accounting: EventAccounting) {
    stored = accounting.stored
    duplicates = accounting.duplicates
    rejected = accounting.rejected.values.reduce(0, +)
    rejectedByReason = accounting.rejected
    if accounting.dropped[.shutdown, default: 0] > 0 { ending = .stopped }
  }
}
