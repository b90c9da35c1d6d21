package import Analytics
public import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsText
package import Foundation
public import Logging
public import ServiceLifecycle

/// A service that closes usage periods when they are due.
///
/// ```swift
/// let group = ServiceGroup(
///   services: [database, UsageWorker(usage), UsagePeriods(database), server], logger: logger)
/// ```
///
/// The service may run in every replica; each period is closed by one of them. A period is due at
/// whole multiples of the length, counted from 2000-01-01 00:00 UTC by the server's clock; for a
/// length that divides a day, that is counted from midnight. A period ends when a replica closes
/// it, at once or later, and its start and end are the actual instants. Flushes wait while a period
/// is being closed, but not for readers of closed periods.
public struct UsagePeriods: Service {
  private let database: UsageDatabase
  private let length: Duration
  private let interval: Duration
  private let clock: any Clock<Duration>
  private let logger: Logger

  /// Makes a service that has not started. It connects when it runs.
  ///
  /// A value outside its range stops the process.
  ///
  /// - Parameters:
  ///   - database: Its login needs the role `analytics_writer`.
  ///   - length: The length of a period: a second to 366 days, preferably a length that divides a
  ///     day.
  ///   - interval: The time between two checks whether a period is due, above zero, and at most
  ///     36,500 days.
  ///   - clock: The clock that measures the interval.
  public init(
    _ database: AnalyticsDatabase, length: Duration = .seconds(1800),
    interval: Duration = .seconds(15), clock: any Clock<Duration> = .continuous,
    logger: Logger = Logger(label: "analytics.usage")
  ) {
    OptionRange.require(
      noProblem: OptionRange.problem(
        "length", length, in: .seconds(1)...(.seconds(366 * 86_400)), "one second to 366 days"))
    OptionRange.require(noProblem: OptionRange.problem("interval", wait: interval))
    self.database = UsageDatabase(database)
    self.length = length
    self.interval = interval
    self.clock = clock
    self.logger = logger
  }

  /// Runs until graceful shutdown, or until its task is cancelled. A failure is logged, and tried
  /// again at the next interval.
  public func run() async {
    await cancelWhenGracefulShutdown {
      repeat {
        do {
          if let period = try await closeIfDue() {
            logger.debug("usage period closed", metadata: ["analytics.period": "\(period)"])
          }
        } catch {
          if Task.isCancelled { break }
          logger.warning(
            "the usage period could not be closed and stays open",
            metadata: ["analytics.reason": "\(error)"])
        }
      } while (try? await clock.sleep(for: interval)) != nil
    }
  }

  /// Closes the open period if it is due and no other replica closes it.
  ///
  /// - Parameter instant: In tests, replaces the server's clock. The login then has to own the
  ///   tables.
  /// - Returns: The id of the period that this call closed; `nil` if it closed none.
  package func closeIfDue(at instant: Date? = nil) async throws(EventSinkError) -> Int? {
    let length = SQL.interval(length)
    return try await database.transaction { connection, schema in
      let closing: SQL =
        if let instant {
          "analytics_close_usage_at(\(length), \(instant))"
        } else {
          "analytics_close_usage(\(length))"
        }
      return try await connection.query("SELECT \(schema).\(closing)").value()
    }
  }
}
