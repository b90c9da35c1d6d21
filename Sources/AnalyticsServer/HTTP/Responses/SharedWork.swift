internal import Synchronization

/// Shares work among concurrent callers: those that wait for the same work share a run.
///
/// If no work for a key is running, the first caller starts it at once. Callers that come while it
/// runs wait for it to end and share the next run. That run begins after each of them has asked, so
/// no caller gets a result that was read before its call. However many callers come at once, the
/// work runs twice at most.
///
/// A result or error goes only to the callers that wait for it; it is not kept. A caller that is
/// cancelled stops waiting. Work is cancelled once no caller waits for it, and nothing waits for
/// cancelled work to end.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  typealias Work = @Sendable () async throws -> Value
  private typealias Waiters = [Int: CheckedContinuation<Value, any Error>]

  /// The work that is running for a key, and the work that follows it.
  private struct Queue {
    /// Distinguishes this run from one that was cancelled.
    var runID: Int
    var task: Task<Void, Never>?
    var waiters: Waiters
    var next: (work: Work, waiters: Waiters)?
  }

  private struct State {
    var queues: [Key: Queue] = [:]
    var lastWaiter = 0
    var lastRunID = 0
  }

  private let state = Mutex(State())

  /// The number of callers that wait for a key.
  func waiting(for key: Key) -> Int {
    state.withLock { state in
      let queue = state.queues[key]
      return (queue?.waiters.count ?? 0) + (queue?.next?.waiters.count ?? 0)
    }
  }

  /// Returns the result of `work`, or of the same work started by another caller.
  ///
  /// - Parameter key: Identifies the work.
  /// - Throws: The error of the work, or `CancellationError`.
  func value(_ key: Key, _ work: @escaping Work) async throws -> Value {
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
    _ key: Key, _ waiter: Int, _ continuation: CheckedContinuation<Value, any Error>,
    _ work: @escaping Work
  ) {
    let isCancelled = state.withLock { state in
      // A task that was cancelled earlier has already called `leave`, which found nothing to
      // remove.
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

  private func leave(_ key: Key, _ waiter: Int) {
    let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      if let found = state.queues[key]?.next?.waiters.removeValue(forKey: waiter) {
        if state.queues[key]?.next?.waiters.isEmpty == true { state.queues[key]?.next = nil }
        return found
      }
      let found = state.queues[key]?.waiters.removeValue(forKey: waiter)
      if found != nil, let queue = state.queues[key], queue.waiters.isEmpty {
        queue.task?.cancel()
        startNext(key, queue.next, &state)
      }
      return found
    }
    continuation?.resume(throwing: CancellationError())
  }

  private func begin(
    _ key: Key, _ work: @escaping Work, _ waiters: Waiters, _ state: inout State
  ) {
    state.lastRunID += 1
    let runID = state.lastRunID
    // An unstructured task: the other callers still get the result if the first caller is
    // cancelled.
    let task = Task {
      let result: Result<Value, any Error>
      do { result = .success(try await work()) } catch { result = .failure(error) }
      for waiter in finish(key, runID).values { waiter.resume(with: result) }
    }
    state.queues[key] = Queue(runID: runID, task: task, waiters: waiters)
  }

  private func finish(_ key: Key, _ runID: Int) -> Waiters {
    state.withLock { state in
      guard let queue = state.queues[key], queue.runID == runID else { return [:] }
      startNext(key, queue.next, &state)
      return queue.waiters
    }
  }

  /// Starts the next run, if there is one.
  private func startNext(
    _ key: Key, _ next: (work: Work, waiters: Waiters)?, _ state: inout State
  ) {
    state.queues[key] = nil
    if let next { begin(key, next.work, next.waiters, &state) }
  }
}
