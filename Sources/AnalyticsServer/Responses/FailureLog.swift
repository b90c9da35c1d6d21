internal import AnalyticsReports
internal import AnalyticsText
internal import Logging
internal import Synchronization

/// What only the operator may know of a failure: where the database is, and what it said.
///
/// Each kind of failure is told once a minute, however many requests meet it.
final class FailureLog: Sendable {
  private let logger: Logger
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let told = Mutex<[ExactString: ContinuousClock.Instant]>([:])

  /// How long a kind of failure is not told again.
  static let pause: Duration = .seconds(60)

  init(logger: Logger, instant: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.logger = logger
    self.instant = instant
  }

  /// What may be said of an error to whoever asked; what may not is told here. `nil` for one of which
  /// nothing is known.
  func problem(of error: any Error) -> Problem? {
    let problem = (error as? ReportError).map { Problem($0) } ?? error as? Problem
    if let problem { note(problem) }
    return problem
  }

  private func note(_ problem: Problem) {
    guard let cause = problem.cause else { return }
    // Few, since what anybody may read is the same for all failures of a kind.
    let kind = ExactString(problem.detail)
    let now = instant()
    let isNews = told.withLock { told in
      if let last = told[kind], last.duration(to: now) < Self.pause { return false }
      told[kind] = now
      return true
    }
    guard isNews else { return }
    logger.error("\(problem.detail)", metadata: ["analytics.reason": "\(cause)"])
  }
}
