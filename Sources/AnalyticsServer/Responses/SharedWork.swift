internal import AnalyticsText
internal import Synchronization

/// Work that several ask for at the same time, done once for all of them.
///
/// Who asks while nobody works on a key has the work done at once. Who asks while it goes on waits for
/// it to end, and shares the next one with all others who came meanwhile: it begins after each of them
/// has asked, so nobody gets what was read before. However many ask at once, it is done twice at most.
///
/// A result, also an error, goes to those who wait for it and to nobody later. One who is cancelled
/// stops waiting; the work is cancelled when nobody waits for it any more, and nobody waits for it to
/// end.
final class SharedWork<Value: Sendable>: Sendable {
  typealias Work = @Sendable () async throws -> Value
  private typealias Waiters = [Int: CheckedContinuation<Value, any Error>]

  /// What goes on for a key, and what comes next.
  private struct Queue {
    /// Tells this work from one that was given up.
    var turn: Int
    var task: Task<Void, Never>?
    var waiters: Waiters
    var next: (work: Work, waiters: Waiters)?
  }

  private struct State {
    var queues: [ExactString: Queue] = [:]
    var lastWaiter = 0
    var lastTurn = 0
  }

  private let state = Mutex(State())

  /// How many wait for a key.
  func waiting(for key: ExactString) -> Int {
    state.withLock { state in
      let queue = state.queues[key]
      return (queue?.waiters.count ?? 0) + (queue?.next?.waiters.count ?? 0)
    }
  }

  /// The result of `work`, or of the same that somebody else has asked for.
  ///
  /// - Parameter key: Says what is the same.
  /// - Throws: What the work throws, or `CancellationError`.
  func value(_ key: ExactString, _ work: @escaping Work) async throws -> Value {
    let waiter = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        join(key, waiter, continuation, work)
      }
    } onCancel: {
      leave(key, waiter)
    }
  }

  private func join(
    _ key: ExactString, _ waiter: Int, _ continuation: CheckedContinuation<Value, any Error>,
    _ work: @escaping Work
  ) {
    let isCancelled = state.withLock { state in
      // Who was cancelled before this has left already, in vain.
      guard !Task.isCancelled else { return true }
      if state.queues[key] == nil {
        begin(key, work, [waiter: continuation], &state)
      } else if state.queues[key]?.next == nil {
        state.queues[key]?.next = (work, [waiter: continuation])
      } else {
        state.queues[key]?.next?.waiters[waiter] = continuation
      }
      return false
    }
    if isCancelled { continuation.resume(throwing: CancellationError()) }
  }

  private func leave(_ key: ExactString, _ waiter: Int) {
    let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      if let found = state.queues[key]?.next?.waiters.removeValue(forKey: waiter) {
        if state.queues[key]?.next?.waiters.isEmpty == true { state.queues[key]?.next = nil }
        return found
      }
      let found = state.queues[key]?.waiters.removeValue(forKey: waiter)
      if found != nil, let queue = state.queues[key], queue.waiters.isEmpty {
        queue.task?.cancel()
        goOn(key, queue.next, &state)
      }
      return found
    }
    continuation?.resume(throwing: CancellationError())
  }

  private func begin(
    _ key: ExactString, _ work: @escaping Work, _ waiters: Waiters, _ state: inout State
  ) {
    state.lastTurn += 1
    let turn = state.lastTurn
    // Not a child of who asked first: the others go on when that one is cancelled.
    let task = Task {
      let result: Result<Value, any Error>
      do { result = .success(try await work()) } catch { result = .failure(error) }
      for waiter in finish(key, turn).values { waiter.resume(with: result) }
    }
    state.queues[key] = Queue(turn: turn, task: task, waiters: waiters)
  }

  private func finish(_ key: ExactString, _ turn: Int) -> Waiters {
    state.withLock { state in
      guard let queue = state.queues[key], queue.turn == turn else { return [:] }
      goOn(key, queue.next, &state)
      return queue.waiters
    }
  }

  /// Begins what comes next.
  private func goOn(
    _ key: ExactString, _ next: (work: Work, waiters: Waiters)?, _ state: inout State
  ) {
    state.queues[key] = nil
    if let next { begin(key, next.work, next.waiters, &state) }
  }
}
