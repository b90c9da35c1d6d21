import Synchronization

/// Wakes one waiter; what is signalled while nobody waits is remembered once.
final class WakeSignal: Sendable {
  private struct State {
    var isSet = false
    var waiter: CheckedContinuation<Void, Never>?
  }
  private let state = Mutex(State())

  /// Never blocks for longer than a few instructions, and is cheap if already set.
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

  /// Waits until it is set, and unsets it. Also returns when the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goOn = state.withLock { state in
          if state.isSet || Task.isCancelled {
            state.isSet = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if goOn { continuation.resume() }
      }
    } onCancel: {
      set()
    }
  }
}

/// Opens once, for any number of waiters.
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

  /// Waits until it is open. Also returns when the task is cancelled.
  func wait() async {
    let key = state.withLock { state in
      state.nextKey += 1
      return state.nextKey
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goOn = state.withLock { state in
          if state.isOpen || Task.isCancelled { return true }
          state.waiters[key] = continuation
          return false
        }
        if goOn { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
    }
  }
}

/// Tells waiters that something has moved on, so that they look again.
final class Progress: Sendable {
  private let latch = Mutex(Latch())

  /// Look at the condition after this and before waiting for the result, and no step is missed.
  func next() -> Latch { latch.withLock { $0 } }

  func notify() {
    let old = latch.withLock { latch in
      defer { latch = Latch() }
      return latch
    }
    old.open()
  }
}
