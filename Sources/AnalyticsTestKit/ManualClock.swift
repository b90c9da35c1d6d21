import Synchronization

/// A clock that stands still until a test moves it.
///
/// ```swift
/// let clock = ManualClock()
/// configuration.clock = clock
/// await clock.waitForSleepers(2)
/// clock.advance(by: .seconds(10))
/// ```
public final class ManualClock: Clock {
  /// An instant, as the time since the clock was created.
  public struct Instant: InstantProtocol {
    /// The time since the clock was created.
    public var offset: Duration

    /// Returns the instant that is later by a duration.
    public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    /// Returns the duration from this instant to another.
    public func duration(to other: Instant) -> Duration { other.offset - offset }
    /// Returns whether the left instant is earlier.
    public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct Sleeper {
    let deadline: Instant
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var nextKey = 0
    var sleepers: [Int: Sleeper] = [:]
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }
  private let state = Mutex(State())

  /// Creates a clock that shows zero.
  public init() {}

  /// The current instant.
  public var now: Instant { state.withLock { $0.now } }

  /// Zero: the clock can show any instant.
  public var minimumResolution: Duration { .zero }

  /// Waits until the clock has been moved to the deadline or beyond. Throws `CancellationError`
  /// when the task is cancelled.
  public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    let key = state.withLock { state in
      state.nextKey += 1
      return state.nextKey
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enum Next { case wake, cancel, sleep([CheckedContinuation<Void, Never>]) }
        let next = state.withLock { state -> Next in
          if Task.isCancelled { return .cancel }
          if deadline <= state.now { return .wake }
          state.sleepers[key] = Sleeper(deadline: deadline, continuation: continuation)
          let count = state.sleepers.count
          let met = state.watchers.filter { $0.count <= count }
          state.watchers.removeAll { $0.count <= count }
          return .sleep(met.map(\.continuation))
        }
        switch next {
        case .wake: continuation.resume()
        case .cancel: continuation.resume(throwing: CancellationError())
        case .sleep(let watchers): for watcher in watchers { watcher.resume() }
        }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: key) }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Moves the clock forward and wakes the tasks whose deadline has been reached.
  public func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for key in due.keys { state.sleepers[key] = nil }
      return due.values
    }
    for sleeper in woken { sleeper.continuation.resume() }
  }

  /// The number of tasks that sleep on this clock.
  public var sleepers: Int { state.withLock { $0.sleepers.count } }

  /// Waits until at least `count` tasks sleep on this clock.
  public func waitForSleepers(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isMet = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.watchers.append((count, continuation))
        return false
      }
      if isMet { continuation.resume() }
    }
  }
}
