public import Logging
import Metrics
public import ServiceLifecycle

/// Flushes usage, and says that the process lives: a `Service` to run beside yours.
///
/// ```swift
/// let group = ServiceGroup(services: [UsageWorker(usage), server], logger: logger)
/// ```
///
/// It flushes at the start, at every interval, and once more on shutdown. What fails is kept and tried
/// again at the next interval; it never ends the service.
public struct UsageWorker: Service {
  private let flushes: [@Sendable () async throws -> Void]
  private let interval: Duration
  private let shutdownGrace: Duration
  private let clock: any Clock<Duration>
  private let logger: Logger
  private let failures = Counter(label: "analytics_usage_flush_failures_total")

  /// Makes a service that has not begun.
  ///
  /// - Parameters:
  ///   - applications: Who is registered with each flush; usually this process.
  ///   - interval: What lies between two flushes is lost with the process. Above zero.
  ///   - shutdownGrace: How long the last flush may take.
  ///   - clock: Measures the interval; replaced in tests.
  public init(
    _ tracker: UsageTracker, applications: ClientApplications? = nil,
    interval: Duration = .seconds(60),
    shutdownGrace: Duration = .seconds(20), clock: any Clock<Duration> = ContinuousClock(),
    logger: Logger = Logger(label: "analytics.usage")
  ) {
    flushes =
      [{ try await tracker.flush() }]
      + (applications.map { applications in [{ try await applications.flush() }] } ?? [])
    self.interval = interval
    self.shutdownGrace = shutdownGrace
    self.clock = clock
    self.logger = logger
  }

  /// Returns after graceful shutdown, or when its task is cancelled, in both cases after a last flush.
  public func run() async {
    await cancelWhenGracefulShutdown {
      var isAway = false
      repeat { await flush(&isAway) } while (try? await clock.sleep(for: interval)) != nil
    }
    await flushForTheLastTime()
  }

  private func flush(_ isAway: inout Bool) async {
    var reason: String?
    for flush in flushes {
      do {
        try await flush()
      } catch {
        reason = "\(error)"
      }
    }
    if Task.isCancelled { return }
    if reason != nil { failures.increment() }
    // An outage is told in one line, its end in another.
    if let reason, !isAway {
      logger.warning(
        "usage cannot be stored for now and is kept", metadata: ["analytics.reason": "\(reason)"])
    } else if reason == nil, isAway {
      logger.info("usage is stored again")
    }
    isAway = reason != nil
  }

  /// In tasks of its own, since this one may be cancelled.
  private func flushForTheLastTime() async {
    let last = Task { [flushes] in
      for flush in flushes { try await flush() }
    }
    let limit = Task { [clock, shutdownGrace] in
      try await clock.sleep(for: shutdownGrace)
      last.cancel()
    }
    defer { limit.cancel() }
    do {
      try await last.value
    } catch {
      logger.warning(
        "usage since the last flush was not stored before the end",
        metadata: ["analytics.reason": "\(error)"])
    }
  }
}
