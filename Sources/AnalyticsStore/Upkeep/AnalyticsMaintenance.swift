internal import AnalyticsText
public import Logging
public import ServiceLifecycle

/// A service that runs maintenance once at the start and then at every interval.
///
/// ```swift
/// let maintenance = AnalyticsMaintenance(Maintenance(database))
/// let group = ServiceGroup(services: [database, worker, maintenance, server], logger: logger)
/// ```
///
/// The service may run in every replica; one at a time does the work. A failure is logged and tried
/// again at the next interval. A failure never ends the service.
public struct AnalyticsMaintenance: Service {
  let maintenance: Maintenance
  let interval: Duration
  let clock: any Clock<Duration>
  let logger: Logger

  /// Makes a service that has not started. An interval or an option of the maintenance outside its
  /// range stops the process.
  ///
  /// - Parameters:
  ///   - interval: The time from the end of a run to the start of the next, above zero, and at most
  ///     36,500 days.
  ///   - clock: The clock that measures the interval.
  public init(
    _ maintenance: Maintenance, interval: Duration = .seconds(3600),
    clock: any Clock<Duration> = .continuous,
    logger: Logger = Logger(label: "analytics.maintenance")
  ) {
    OptionRange.require(noProblem: OptionRange.problem("interval", wait: interval))
    OptionRange.require(noProblem: maintenance.options.problem)
    self.maintenance = maintenance
    self.interval = interval
    self.clock = clock
    self.logger = logger
  }

  /// Runs until graceful shutdown, or until its task is cancelled.
  public func run() async {
    await cancelWhenGracefulShutdown {
      repeat { await runOnce() } while (try? await clock.sleep(for: interval)) != nil
    }
  }

  private func runOnce() async {
    do {
      let report = try await maintenance.run()
      logger.debug("maintenance done", metadata: ["analytics.report": "\(report)"])
      if !report.waiting.isEmpty {
        logger.info(
          "expired partitions are in use and will be dropped later",
          metadata: ["analytics.partitions": "\(report.waiting.count)"])
      }
    } catch {
      if Task.isCancelled { return }
      logger.warning(
        "maintenance failed and will be retried",
        metadata: ["analytics.reason": "\(error.description)"])
    }
  }
}
