package import Analytics
public import AnalyticsConnections
internal import AnalyticsPostgres
package import Foundation
public import Logging
public import ServiceLifecycle

/// Closes usage periods when they are due: a `Service` that may run in every replica, of which one
/// at a time closes one.
///
/// ```swift
/// let group = ServiceGroup(
///   services: [database, UsageWorker(usage), UsagePeriods(database), server], logger: logger)
/// ```
///
/// Periods end at whole multiples of their length from midnight UTC, by the server's clock. One that
/// nobody closed in time is closed when somebody does, and says so: its start and end are the true
/// ones. Those who flush wait for the closing, not for who reads a closed period.
public struct UsagePeriods: Service {
  private let database: UsageDatabase
  private let length: Duration
  private let interval: Duration
  private let clock: any Clock<Duration>
  private let logger: Logger

  /// Makes a service that has not begun; connects when it does.
  ///
  /// - Parameters:
  ///   - database: Its login needs the role `analytics_writer`.
  ///   - length: Of a period; a second or more, and best a part of a day.
  ///   - interval: How often it looks whether a period is due.
  ///   - clock: What the interval is measured with.
  public init(
    _ database: AnalyticsDatabase, length: Duration = .seconds(1800),
    interval: Duration = .seconds(15), clock: any Clock<Duration> = .continuous,
    logger: Logger = Logger(label: "analytics.usage")
  ) {
    precondition(length >= .seconds(1), "a usage period has a second or more")
    self.database = UsageDatabase(database)
    self.length = length
    self.interval = interval
    self.clock = clock
    self.logger = logger
  }

  /// Returns at graceful shutdown, or when its task is cancelled. A failure is logged, and tried
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
            "the usage period was not closed and goes on",
            metadata: ["analytics.reason": "\(error)"])
        }
      } while (try? await clock.sleep(for: interval)) != nil
    }
  }

  /// Closes the open period if it is due and nobody else does.
  ///
  /// - Parameter instant: Stands for the server's clock in tests, which then own the tables.
  /// - Returns: The id of the period that this call has closed.
  package func closeIfDue(at instant: Date? = nil) async throws(EventSinkError) -> Int? {
    let length: SQL = "make_interval(secs => \(length / .seconds(1)))"
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
