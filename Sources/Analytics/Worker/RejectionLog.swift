import Logging
import Synchronization

/// Logs events that the database rejects without an error: the first at once, then at most one line
/// a minute for all since the line before.
///
/// Events that are refused because of their data have a line each, from ``Delivery``.
final class RejectionLog: Sendable {
  private struct State {
    var reported: [RejectReason: Int] = [:]
    /// The time of the last line since this was created; `nil` before the first.
    var reportedAt: Duration?
  }

  static let interval: Duration = .seconds(60)

  private let logger: Logger
  private let causes: [RejectReason: String]
  /// The time since this was created.
  private let elapsed: @Sendable () -> Duration
  private let state = Mutex(State())

  /// - Parameter earliest: See ``AnalyticsConfiguration/acceptsFrom``.
  init(
    _ logger: Logger, clock: any Clock<Duration>, earliest: EventTimestamp = .acceptedFromByDefault
  ) {
    self.logger = logger
    causes = Self.causes(earliest)
    elapsed = Self.stopwatch(clock)
  }

  /// - Parameters:
  ///   - totals: The numbers of events rejected so far, by reason.
  ///   - isLast: Whether this is the last call, which does not wait for the minute to pass.
  func report(_ totals: [RejectReason: Int], isLast: Bool = false) {
    let now = elapsed()
    let news = state.withLock { state -> [RejectReason: Int] in
      let news = causes.keys.reduce(into: [:]) { news, reason in
        news[reason] = totals[reason, default: 0] - state.reported[reason, default: 0]
      }.filter { $0.value > 0 }
      let isDue = isLast || state.reportedAt.map { now - $0 >= Self.interval } ?? true
      guard isDue, !news.isEmpty else { return [:] }
      state.reported = totals
      state.reportedAt = now
      return news
    }
    guard !news.isEmpty else { return }
    let reasons = news.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.value) \(causes[$0.key] ?? $0.key.rawValue)" }
    logger.warning(
      "events are rejected and not stored",
      metadata: ["analytics.reason": "\(reasons.joined(separator: "; "))"])
  }

  private static func causes(_ earliest: EventTimestamp) -> [RejectReason: String] {
    [
      .expired:
        "from days that retention has already dropped: keep raw events longer, or import history "
        + "into a database of its own",
      .future:
        "more than 24 hours ahead of the database's clock: set the clock of the machine that "
        + "tracked them",
      .past:
        "dated before \(earliest), the earliest time that is accepted: set the clock that dated "
        + "them, or accepts.from (--accepts-from) to an earlier time",
      .suppressed:
        "kept out by a trigger on analytics_events that returns NULL for them: let it raise an "
        + "exception, so that they become dead letters",
    ]
  }

  private static func stopwatch<C: Clock>(_ clock: C) -> @Sendable () -> Duration
  where C.Duration == Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }
}
