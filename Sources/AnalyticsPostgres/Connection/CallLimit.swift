/// The time limit of one call, and whether cancelling its task ends it.
struct CallLimit {
  /// The time by which the answer has to arrive; `nil` for no limit.
  var end: ContinuousClock.Instant?

  /// True for calls that have to run even in a cancelled task: ROLLBACK and unlocking.
  var ignoresCancellation = false

  init(_ duration: Duration?, ignoresCancellation: Bool = false) {
    end = duration.map { ContinuousClock.now.advanced(by: $0) }
    self.ignoresCancellation = ignoresCancellation
  }

  var isOver: Bool { end.map { $0 <= ContinuousClock.now } ?? false }

  /// The time that is left, as the timeout of `poll(2)`: -1 without a limit, and at most an hour.
  /// It is rounded up, since with 0 the caller would spin during the last millisecond.
  var pollMilliseconds: Int32 {
    guard let end else { return -1 }
    let left = ContinuousClock.now.duration(to: end)
    guard left > .zero else { return 0 }
    let milliseconds = (left / .milliseconds(1)).rounded(.up)
    return Int32(min(milliseconds, 3_600_000))
  }
}

/// The reason why a call is ended early.
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
