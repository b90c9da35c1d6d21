/// How long one call may take, and whether its task's cancellation ends it.
struct CallLimit {
  /// The moment by which the answer must be there; nil waits for ever.
  var end: ContinuousClock.Instant?

  /// Set for what must happen even in a cancelled task: ROLLBACK, unlocking.
  var ignoresCancellation = false

  init(_ duration: Duration?, ignoresCancellation: Bool = false) {
    end = duration.map { ContinuousClock.now.advanced(by: $0) }
    self.ignoresCancellation = ignoresCancellation
  }

  var isOver: Bool { end.map { $0 <= ContinuousClock.now } ?? false }

  /// For `poll(2)`: rounded up, lest it spin through the last millisecond; -1 waits for ever.
  var pollMilliseconds: Int32 {
    guard let end else { return -1 }
    let left = ContinuousClock.now.duration(to: end)
    guard left > .zero else { return 0 }
    let milliseconds = (left / .milliseconds(1)).rounded(.up)
    return Int32(min(milliseconds, 3_600_000))
  }
}

/// Why a call is not let run to its natural end.
enum Interruption {
  case timedOut
  case cancelled

  func error(destination: String) -> PostgresError {
    switch self {
    case .timedOut:
      PostgresError(.timedOut, "the deadline passed", destination: destination)
    case .cancelled:
      PostgresError(.cancelled, "the calling task was cancelled", destination: destination)
    }
  }
}
