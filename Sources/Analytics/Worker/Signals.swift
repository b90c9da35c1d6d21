import Synchronization

/// Wakes a single waiter. A signal without a waiter is remembered; several are remembered as one.
final class WakeSignal: Sendable {
  private struct State {
    var isSet = false
    var waiter: CheckedContinuation<Void, Never>?
  }
  private let state = Mutex(State())

  /// Sets the signal. Holds a lock only for a few instructions, and is cheap if the signal is
  /// already set.
  func set() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.isSet = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Waits until the signal is set, and resets it. Also returns when the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if state.isSet || Task.isCancelled {
            state.isSet = false
            return true
          }
          precondition(state.waiter == nil, "a signal has one waiter")
          state.waiter = continuation
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      set()
    }
  }
}

/// A latch that opens once, for any number of waiters.
final class Latch: Sendable {
  private struct State {
    var isOpen = false
    var nextKey = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  var isOpen: Bool { state.withLock { $0.isOpen } }

  func open() {
    let waiters = state.withLock { state in
      defer { state.waiters = [:] }
      state.isOpen = true
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits until the latch is open. Also returns when the task is cancelled.
  func wait() async {
    let key = state.withLock { state in
      state.nextKey += 1
      return state.nextKey
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if state.isOpen || Task.isCancelled { return true }
          state.waiters[key] = continuation
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
    }
  }
}

/// Notifies waiters of a change, so that they check their condition again.
final class Progress: Sendable {
  private let latch = Mutex(Latch())

  /// Returns the latch of the next notification. Check the condition after this call and before
  /// waiting, so that no change is missed.
  func next() -> Latch { latch.withLock { $0 } }

  func notify() {
    let old = latch.withLock { latch in
      defer { latch = Latch() }
      return latch
    }
    old.open()
  }
}
