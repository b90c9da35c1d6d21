import Logging
import Synchronization

/// Tells of an outage in one line and of its end in another, however many writers it stops.
final class Outage: Sendable {
  /// How many writers wait to try again.
  private let stopped = Mutex(0)
  private let logger: Logger

  init(_ logger: Logger) { self.logger = logger }

  /// A writer's attempt failed after one that had not.
  func began(_ reason: String) {
    let isFirst = stopped.withLock { stopped in
      stopped += 1
      return stopped == 1
    }
    guard isFirst else { return }
    logger.warning(
      "events cannot be stored for now and are kept", metadata: ["analytics.reason": "\(reason)"])
  }

  /// It succeeded, or others have stored what it was about.
  func ended() {
    let isLast = stopped.withLock { stopped in
      stopped -= 1
      return stopped == 0
    }
    if isLast, !Task.isCancelled { logger.info("events are stored again") }
  }
}
