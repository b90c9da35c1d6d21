internal import AnalyticsText
internal import Foundation
internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A thread that calls libpq. The exit of the process waits for it if it is about to end.
///
/// The libraries that libpq uses keep thread-local values and destroy them when a thread ends.
/// libkrb5 aborts the process (exit code 134) if that happens while the process's exit unloads the
/// library. So the exit joins each thread that is about to end. It does not wait for other threads.
enum LibraryThread {
  /// Unchecked because `pthread_t` is a pointer on some platforms. The pointer is never
  /// dereferenced here. It is passed to `pthread_join` exactly once, since ``takeEnded()`` removes
  /// it from the shared state.
  private struct State: @unchecked Sendable {
    /// The number of threads that are about to end but have not run their last statement.
    var ending = 0
    /// Threads that have run it and have not been joined yet.
    var ended: [pthread_t] = []

    mutating func takeEnded() -> Self {
      defer { ended = [] }
      return self
    }
  }

  private static let state = Mutex(State())

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - name: The name in debuggers and `top -H`. Linux cuts it to 15 characters.
  ///   - body: The code of the thread. ``willEnd()`` has to be called before it returns.
  static func start(name: String, _ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Body(name: name, run: body)).toOpaque()
    #if canImport(Darwin)
      var handle: pthread_t?
      let code = pthread_create(&handle, nil, { LibraryThread.run($0) }, context)
    #else
      var handle = pthread_t()
      let code = pthread_create(&handle, nil, { $0.flatMap(LibraryThread.run) }, context)
    #endif
    // Swift also traps if it cannot create a thread of its own. Nothing could continue.
    precondition(code == 0, "cannot create a thread: \(SystemReason.text(code))")
  }

  /// Announces that a thread is about to end.
  static func willEnd() { state.withLock { $0.ending += 1 } }

  /// Makes the exit of the process wait, from now on. Exit handlers run in reverse order of
  /// registration, so libpq's libraries must have registered theirs before.
  static let exitWaits: Void = {
    atexit { LibraryThread.joinAll() }
  }()

  /// The number of times, a millisecond apart, that the exit checks whether the threads have ended.
  private static let checksMax = 2000

  private static func joinAll() {
    for _ in 0..<checksMax {
      let isDone = state.withLock { $0.ending == 0 }
      if isDone { break }
      usleep(1000)
    }
    join(state.withLock { $0.takeEnded() })
  }

  /// Joins threads that have only their return left to do, so this is quick.
  private static func join(_ threads: State) {
    for thread in threads.ended { pthread_join(thread, nil) }
  }

  private final class Body {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private static func run(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
    // On Linux, a name that is set from another thread is lost.
    Thread.current.name = body.name
    body.run()
    let others = state.withLock { state in
      let others = state.takeEnded()
      state.ending -= 1
      state.ended = [pthread_self()]
      return others
    }
    join(others)
    return nil
  }
}
