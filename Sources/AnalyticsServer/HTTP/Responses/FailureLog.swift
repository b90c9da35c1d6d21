internal import AnalyticsReports
internal import AnalyticsText
internal import Logging
internal import Synchronization

/// Logs the details of failures that only the operator may see, such as the database's address and
/// its messages.
///
/// Each kind of failure is logged once a minute, however many requests it affects.
final class FailureLog: Sendable {
  private let logger: Logger
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let loggedAt = Mutex<[ExactString: ContinuousClock.Instant]>([:])

  /// The shortest time between two log entries about the same kind of failure.
  static let pause: Duration = .seconds(60)

  init(logger: Logger, instant: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.logger = logger
    self.instant = instant
  }

  /// Returns the problem that the client may see, and logs the details that it may not. Returns
  /// `nil` for an unknown error.
  func problem(of error: any Error) -> Problem? {
    let problem = (error as? ReportError).map { Problem($0) } ?? error as? Problem
    if let problem { note(problem) }
    return problem
  }

  private func note(_ problem: Problem) {
    guard let cause = problem.cause else { return }
    // The public detail is the same for all failures of a kind, so there are few kinds.
    let kind = ExactString(problem.detail)
    let now = instant()
    let isNews = loggedAt.withLock { loggedAt in
      if let last = loggedAt[kind], last.duration(to: now) < Self.pause { return false }
      loggedAt[kind] = now
      return true
    }
    guard isNews else { return }
    logger.error("\(problem.detail)", metadata: ["analytics.reason": "\(cause)"])
  }
}
