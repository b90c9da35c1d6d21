internal import Dispatch
internal import Synchronization

/// A serial executor with a thread of its own, so that libpq may block without occupying a thread
/// of Swift's cooperative pool, which has only as many threads as there are cores.
///
/// The thread starts with the first job. It ends after ``finish()``, once the queue is empty. A
/// later job still runs, on a new thread that ends right afterwards, so that no caller waits for
/// ever for an answer from a closed connection.
package final class ConnectionThread: SerialExecutor {
  private struct State {
    /// Jobs in order of arrival.
    var jobs: [UnownedJob] = []
    /// Whether a thread is serving the queue.
    var isRunning = false
    /// Whether the thread may end when the queue is empty.
    var isFinishing = false
    /// The callers of ``ConnectionThread/ended()`` that wait for the thread's end.
    var waitingForEnd: [CheckedContinuation<Void, Never>] = []
  }

  private enum Step {
    case run([UnownedJob])
    case idle
    case end([CheckedContinuation<Void, Never>])
  }

  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let name: String

  /// - Parameter name: The name in debuggers and `top -H`. Linux cuts it to 15 characters.
  package init(name: String) {
    self.name = name
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let needsThread = state.withLock { state in
      state.jobs.append(job)
      defer { state.isRunning = true }
      if state.isRunning {
        // Signal before the lock is released: this may be the last job, and as soon as the thread
        // can take it, the thread, the actor and this executor may be released.
        wakeUp.signal()
      } else if state.isFinishing {
        LibraryThread.willEnd()
      }
      return !state.isRunning
    }
    if needsThread { LibraryThread.start(name: name) { self.serve() } }
  }

  /// Lets the thread end once all jobs are done.
  package func finish() {
    state.withLock { state in
      if state.isRunning && !state.isFinishing { LibraryThread.willEnd() }
      state.isFinishing = true
      wakeUp.signal()
    }
  }

  /// Returns when no thread serves this executor.
  package func ended() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        if state.isRunning { state.waitingForEnd.append(continuation) }
        return !state.isRunning
      }
      if hasEnded { continuation.resume() }
    }
  }

  private func serve() {
    while true {
      switch nextStep() {
      case .run(let jobs):
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
      case .idle:
        wakeUp.wait()
      case .end(let waiting):
        for continuation in waiting { continuation.resume() }
        return
      }
    }
  }

  private func nextStep() -> Step {
    state.withLock { state in
      if !state.jobs.isEmpty {
        defer { state.jobs.removeAll(keepingCapacity: true) }
        return .run(state.jobs)
      }
      guard state.isFinishing else { return .idle }
      state.isRunning = false
      defer { state.waitingForEnd = [] }
      return .end(state.waitingForEnd)
    }
  }
}

/// Ends a connection's thread when its owner is released, even if the owner was not closed.
///
/// The actor does not do this in its own `deinit`, which may run on any thread.
final class ConnectionThreadLease {
  let thread: ConnectionThread

  init(_ thread: ConnectionThread) {
    self.thread = thread
  }

  deinit {
    thread.finish()
  }
}
