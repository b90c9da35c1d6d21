public import AnalyticsConnections
internal import Foundation
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// Says of each closed usage period to a collector what was counted in it: a `Service` that may run
/// in every replica.
///
/// ```swift
/// let group = ServiceGroup(
///   services: [
///     database, UsageWorker(usage), UsagePeriods(database),
///     try TelemetryService(database, collector: "https://telemetry.example.org/telemetry"),
///   ], logger: logger)
/// ```
///
/// Off unless a collector is named. A period's ``TelemetryDocument`` is written to an outbox in the
/// database, once, whoever writes it; any replica sends it, signed, until the collector answers 202.
/// After a failure it waits for 10 s, then twice as long each time, up to an hour, and goes on for
/// ``Options/keep``. The collector knows a document that comes again, so each period arrives once.
/// Only periods that began after telemetry was turned on are spoken of.
///
/// To turn it off, start without a collector: what was not delivered goes, and one last notice says
/// only that telemetry is off. Of replicas that differ the one that started last decides.
///
/// The database user needs both roles, `analytics_reader` and `analytics_writer`.
public final class TelemetryService: Service {
  /// How documents are sent.
  public struct Options: Sendable {
    /// How often the database is asked for something to send; a second or more.
    public var interval: Duration = .seconds(15)
    /// How long a document is tried before it is given up. Periods are purged after 30 days, so
    /// that is the most that makes sense.
    public var keep: Duration = .seconds(7 * 86_400)
    /// How long a collector may take to answer.
    public var timeout: Duration = .seconds(30)
    /// A PEM file of the certificate authorities to believe; those of the system without.
    public var trustRoots: String?
    /// The first pause after a failure; doubled with each, up to an hour.
    package var firstPause: Duration = .seconds(10)

    /// The defaults.
    public init() {}
  }

  private let database: TelemetryDatabase
  private let collector: CollectorAddress?
  private let options: Options
  private let clock: any Clock<Duration>
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    var isTurned = false
    var isFailing = false
  }

  /// Makes a service that has not begun; connects when it does.
  ///
  /// - Parameters:
  ///   - database: With a user that has both roles, `analytics_reader` and `analytics_writer`.
  ///   - collector: `https://…`; plain HTTP on a loopback address only. `nil` turns telemetry off.
  ///   - clock: What the interval is measured with.
  /// - Throws: ``StoreError/Code/configuration`` if the collector's URL cannot be used.
  public init(
    _ database: AnalyticsDatabase, collector: String?, options: Options = Options(),
    clock: any Clock<Duration> = .continuous, logger: Logger = Logger(label: "analytics.telemetry")
  ) throws(StoreError) {
    self.collector = try collector.map { text throws(StoreError) in try CollectorAddress(text) }
    self.database = TelemetryDatabase(database)
    self.options = options
    self.clock = clock
    self.logger = logger
  }

  /// Returns at graceful shutdown, or when its task is cancelled. Failures are logged, one line when
  /// they begin and one when they are over.
  public func run() async {
    let sender = TelemetrySender(trustRoots: options.trustRoots, timeout: options.timeout)
    await cancelWhenGracefulShutdown { await self.workAgainAndAgain(sender) }
    await sender.shutDown()
  }

  /// What a process does that ends then: turns telemetry on or off, writes what is due, and
  /// sends until nothing waits or the collector fails.
  package func once() async throws {
    let sender = TelemetrySender(trustRoots: options.trustRoots, timeout: options.timeout)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await work(sender)) } catch { outcome = .failure(error) }
    await sender.shutDown()
    try outcome.get()
  }

  private func workAgainAndAgain(_ sender: TelemetrySender) async {
    repeat {
      do {
        try await work(sender)
        noteSuccess()
      } catch {
        if Task.isCancelled { break }
        noteFailure(error)
      }
    } while (try? await clock.sleep(for: options.interval)) != nil
  }

  private func work(_ sender: TelemetrySender) async throws {
    if !state.withLock(\.isTurned) {
      if let collector {
        if try await database.turnOn(collector) { logger.info("telemetry is turned on") }
      } else if try await database.turnOff() {
        logger.info("telemetry is turned off")
      }
      state.withLock { $0.isTurned = true }
    }
    let written: Result<Void, any Error>
    do { written = .success(try await database.writeDue()) } catch { written = .failure(error) }
    // Two attempts at one time would do no harm, so the lease need not outlast every delay.
    let lease = options.timeout * 2
    while let delivery = try await database.claim(lease: lease, keep: options.keep) {
      do {
        try await sender.send(delivery)
      } catch {
        // Shut down in the middle: the lease ends, and somebody sends it again.
        try Task.checkCancellation()
        try await database.settle(
          delivery, problem: "\(error)", pause: pause(after: delivery.attempts))
        // A collector that failed is left in peace until the next interval.
        throw error
      }
      try await database.settle(delivery, problem: nil, pause: .zero)
    }
    try written.get()
  }

  /// Doubled with each attempt, and a fifth more or less, so that deployments do not come together.
  private func pause(after attempts: Int) -> Duration {
    let doubled = options.firstPause * Int(pow(2, Double(min(attempts - 1, 20))))
    return min(doubled, .seconds(3600)) * Double.random(in: 0.8...1.2)
  }

  private func noteFailure(_ error: any Error) {
    guard
      state.withLock({ state in
        defer { state.isFailing = true }
        return !state.isFailing
      })
    else { return }
    logger.warning(
      "telemetry waits and is tried again", metadata: ["analytics.reason": "\(error)"])
  }

  private func noteSuccess() {
    guard
      state.withLock({ state in
        defer { state.isFailing = false }
        return state.isFailing
      })
    else { return }
    logger.info("telemetry is sent again")
  }
}

/// What the commands show.
package enum Telemetry {
  /// Exactly what would be sent of the last closed period; of the open one where none is closed yet.
  package static func newestDocument(of database: AnalyticsDatabase) async throws -> String {
    try await TelemetryDatabase(database).newestDocument()
  }

  /// Whether it is on, what was sent and what waits.
  package static func standing(of database: AnalyticsDatabase) async throws -> TelemetryStanding {
    try await TelemetryDatabase(database).standing()
  }
}
