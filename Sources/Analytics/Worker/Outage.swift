import Logging
import Synchronization

/// Logs the beginning and the end of an outage in one line each, however many writers it stops.
final class Outage: Sendable {
  /// The number of writers that wait to try again.
  private let stopped = Mutex(0)
  private let logger: Logger

  init(_ logger: Logger) { self.logger = logger }

  /// A writer's attempt failed, and the one before had not.
  func began(_ reason: String) {
    let isFirst = stopped.withLock { stopped in
      stopped += 1
      return stopped == 1
    }
    guard isFirst else { return }
    logger.warning(
      "events cannot be stored for now and are kept", metadata: ["analytics.reason": "\(reason)"])
  }

  /// The writer succeeded, or found no rows left to store.
  func ended() {
    let isLast = stopped.withLock { stopped in
      stopped -= 1
      return stopped == 0
    }
    if isLast, !Task.isCancelled { logger.info("events are stored again") }
  }
}
