import AnalyticsText
public import Logging
import Metrics
public import ServiceLifecycle

/// A `Service` that flushes usage and registers that the process is running.
///
/// ```swift
/// let group = ServiceGroup(services: [UsageWorker(usage), server], logger: logger)
/// ```
///
/// It flushes at the start, at every interval and once more on shutdown. After a failure, usage is
/// kept and written at the next interval; failures never end the service.
public struct UsageWorker: Service {
  private let flushes: [@Sendable () async throws -> Void]
  private let interval: Duration
  private let shutdownGrace: Duration
  private let clock: any Clock<Duration>
  private let logger: Logger
  private let failures = Counter(label: "analytics_usage_flush_failures_total")

  /// Creates the service.
  ///
  /// A value outside its range stops the process.
  ///
  /// - Parameters:
  ///   - applications: The applications to register with each flush; usually this process.
  ///   - interval: The time between two flushes, above zero, and at most 36,500 days. Usage since
  ///     the last flush is lost if the process dies.
  ///   - shutdownGrace: The longest duration of the last flush: zero to 36,500 days.
  ///   - clock: The clock for the interval, which tests replace.
  public init(
    _ tracker: UsageTracker, applications: ClientApplications? = nil,
    interval: Duration = .seconds(60),
    shutdownGrace: Duration = .seconds(20), clock: any Clock<Duration> = ContinuousClock(),
    logger: Logger = Logger(label: "analytics.usage")
  ) {
    OptionRange.require(noProblem: OptionRange.problem("interval", wait: interval))
    OptionRange.require(noProblem: OptionRange.problem("shutdownGrace", grace: shutdownGrace))
    flushes =
      [{ try await tracker.flush() }]
      + (applications.map { applications in [{ try await applications.flush() }] } ?? [])
    self.interval = interval
    self.shutdownGrace = shutdownGrace
    self.clock = clock
    self.logger = logger
  }

  /// Flushes at intervals. Returns after a last flush on graceful shutdown, or when the task is
  /// cancelled.
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
    // The beginning and the end of an outage are logged in one line each.
    if let reason, !isAway {
      logger.warning(
        "usage cannot be stored for now and is kept", metadata: ["analytics.reason": "\(reason)"])
    } else if reason == nil, isAway {
      logger.info("usage is stored again")
    }
    isAway = reason != nil
  }

  /// Uses unstructured tasks, because the current one may be cancelled.
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
        "usage since the last flush was not stored before the worker ended",
        metadata: ["analytics.reason": "\(error)"])
    }
  }
}
