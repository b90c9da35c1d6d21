public import AnalyticsConnections
internal import AnalyticsText
internal import Foundation
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// A service that reports the usage of each closed period to a collector. It may run in every
/// replica.
///
/// ```swift
/// let group = ServiceGroup(
///   services: [
///     database, UsageWorker(usage), UsagePeriods(database),
///     try TelemetryService(database, collector: "https://telemetry.example.org/telemetry"),
///   ], logger: logger)
/// ```
///
/// Telemetry is off unless a collector is named. One replica writes the ``TelemetryDocument`` of a
/// period to an outbox in the database, once. Any replica sends it, signed, until the collector
/// answers 202. After a failure the replica waits for 10 s, then twice as long each time, up to an
/// hour, and goes on for ``Options/giveUpAfter``. The collector recognises a document that it
/// already has, so each period arrives once. Only periods that began after telemetry was turned on
/// are reported.
///
/// To turn telemetry off, start without a collector. Documents that were not delivered are deleted,
/// and a last notice says only that telemetry is off. If replicas are configured differently, the
/// one that started last decides.
///
/// The database user needs both roles, `analytics_reader` and `analytics_writer`.
public final class TelemetryService: Service {
  /// How documents are sent.
  public struct Options: Sendable {
    /// How often the database is checked for documents to send: 1 ms to 36,500 days.
    public var interval: Duration = .seconds(15)
    /// How long the service tries to send a document before it gives up: 1 ms to 36,500 days.
    /// Periods are purged after 30 days, so a longer time makes no sense.
    public var giveUpAfter: Duration = .seconds(7 * 86_400)
    /// How long a collector may take to answer: 1 ms to an hour.
    public var timeout: Duration = .seconds(30)
    /// A PEM file of trusted certificate authorities; `nil` for those of the system.
    public var trustRoots: String?
    /// The first pause after a failure. It is doubled with each further one, up to an hour.
    package var firstPause: Duration = .seconds(10)

    /// Makes the default options.
    public init() {}
  }

  private let database: TelemetryDatabase
  private let collector: CollectorAddress?
  private let options: Options
  private let clock: any Clock<Duration>
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    var hasSwitched = false
    var isFailing = false
  }

  /// Makes a service, which connects when it runs.
  ///
  /// - Parameters:
  ///   - database: Its user needs both roles, `analytics_reader` and `analytics_writer`.
  ///   - collector: A URL `https://…`, or plain HTTP on a loopback address. `nil` turns telemetry
  ///     off.
  ///   - clock: The clock that measures the interval.
  /// - Throws: ``StoreError/Code/configuration`` if the collector's URL cannot be used, or if an
  ///   option is outside its range.
  public init(
    _ database: AnalyticsDatabase, collector: String?, options: Options = Options(),
    clock: any Clock<Duration> = .continuous, logger: Logger = Logger(label: "analytics.telemetry")
  ) throws(StoreError) {
    try options.check()
    self.collector = try collector.map { text throws(StoreError) in try CollectorAddress(text) }
    self.database = TelemetryDatabase(database)
    self.options = options
    self.clock = clock
    self.logger = logger
  }

  /// Runs until graceful shutdown, or until its task is cancelled. Failures are logged with one
  /// line when they begin and one when they are over.
  public func run() async {
    let sender = TelemetrySender(trustRoots: options.trustRoots, timeout: options.timeout)
    await cancelWhenGracefulShutdown { await self.runLoop(sender) }
    await sender.shutDown()
  }

  /// Does the work once, for a process that ends then: turns telemetry on or off, writes the
  /// documents that are due, and sends until nothing is due or the collector fails.
  package func once() async throws {
    let sender = TelemetrySender(trustRoots: options.trustRoots, timeout: options.timeout)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await work(sender)) } catch { outcome = .failure(error) }
    await sender.shutDown()
    try outcome.get()
  }

  private func runLoop(_ sender: TelemetrySender) async {
    repeat {
      do {
        try await work(sender)
        logSuccess()
      } catch {
        if Task.isCancelled { break }
        logFailure(error)
      }
    } while (try? await clock.sleep(for: options.interval)) != nil
  }

  private func work(_ sender: TelemetrySender) async throws {
    if !state.withLock(\.hasSwitched) {
      if let collector {
        if try await database.turnOn(collector) { logger.info("telemetry is turned on") }
      } else if try await database.turnOff() {
        logger.info("telemetry is turned off")
      }
      state.withLock { $0.hasSwitched = true }
    }
    let written: Result<Void, any Error>
    do { written = .success(try await database.writeDue()) } catch { written = .failure(error) }
    // Two attempts at the same time would do no harm, so the lease need not outlast every delay.
    let lease = options.timeout * 2
    while let delivery = try await database.claim(lease: lease, giveUpAfter: options.giveUpAfter) {
      do {
        try await sender.send(delivery)
      } catch {
        // The service was shut down during the attempt. The lease ends, and some replica sends the
        // document again.
        try Task.checkCancellation()
        try await database.settle(
          delivery, problem: "\(error)", pause: pause(after: delivery.attempts))
        // After a failure, the collector gets no further document until the next interval.
        throw error
      }
      try await database.settle(delivery, problem: nil, pause: .zero)
    }
    try written.get()
  }

  /// Returns the pause after a failure. It is doubled with each attempt, and varies by a fifth, so
  /// that deployments do not all send at the same time.
  private func pause(after attempts: Int) -> Duration {
    let doubled = options.firstPause * Int(pow(2, Double(min(attempts - 1, 20))))
    return min(doubled, .seconds(3600)) * Double.random(in: 0.8...1.2)
  }

  private func logFailure(_ error: any Error) {
    guard
      state.withLock({ state in
        defer { state.isFailing = true }
        return !state.isFailing
      })
    else { return }
    logger.warning(
      "telemetry could not be sent and will be retried", metadata: ["analytics.reason": "\(error)"])
  }

  private func logSuccess() {
    guard
      state.withLock({ state in
        defer { state.isFailing = false }
        return state.isFailing
      })
    else { return }
    logger.info("telemetry is being sent again")
  }
}

extension TelemetryService.Options {
  /// Throws for a value outside its range: without any time, every document that waits would be
  /// given up for good.
  fileprivate func check() throws(StoreError) {
    let waits: ClosedRange<Duration> = .milliseconds(1)...OptionRange.longestWait
    let problem =
      OptionRange.problem("interval", interval, in: waits, "1 ms to 36500 days")
      ?? OptionRange.problem("giveUpAfter", giveUpAfter, in: waits, "1 ms to 36500 days")
      ?? OptionRange.problem(
        "timeout", timeout, in: .milliseconds(1)...(.seconds(3600)), "1 ms to an hour")
    if let problem { throw StoreError(.configuration, "telemetry: " + problem) }
  }
}

/// The state of telemetry, for the commands that show it.
package enum Telemetry {
  /// Returns exactly what would be sent about the last closed period; if none is closed yet, about
  /// the open one.
  package static func newestDocument(of database: AnalyticsDatabase) async throws -> String {
    try await TelemetryDatabase(database).newestDocument()
  }

  /// Returns whether telemetry is on, what was delivered, and what waits.
  package static func status(of database: AnalyticsDatabase) async throws -> TelemetryStatus {
    try await TelemetryDatabase(database).status()
  }
}
