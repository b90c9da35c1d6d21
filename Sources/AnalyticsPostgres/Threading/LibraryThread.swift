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

/// A thread that calls libpq, and that the process's exit waits for.
///
/// libpq's own libraries keep values for each thread and destroy them when it ends. libkrb5 aborts the
/// process (exit code 134) if that happens while the process's exit takes the library down, so a thread
/// that is about to end is joined before. One that is not about to end is left alone.
enum LibraryThread {
  /// Unchecked: `pthread_t` is a pointer on some platforms.
  private struct State: @unchecked Sendable {
    /// How many are about to end and have not come to their last statement.
    var ending = 0
    /// These have come to it, and nobody has joined them.
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
  ///   - name: What debuggers and `top -H` show; Linux cuts it to 15 characters.
  ///   - body: Returns when the thread is to end. ``willEnd()`` has to be called before.
  static func start(name: String, _ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Body(name: name, run: body)).toOpaque()
    #if canImport(Darwin)
      var handle: pthread_t?
      let code = pthread_create(&handle, nil, { LibraryThread.run($0) }, context)
    #else
      var handle = pthread_t()
      let code = pthread_create(&handle, nil, { $0.flatMap(LibraryThread.run) }, context)
    #endif
    // As where no thread of Swift's own can be made: nothing could go on.
    precondition(code == 0, "no thread can be made: \(SystemReason.text(code))")
  }

  /// Says that a thread is about to end.
  static func willEnd() { state.withLock { $0.ending += 1 } }

  /// Makes the process's exit wait, from now on. What is registered last comes first, so this has to be
  /// called when libpq's libraries have registered what they do.
  static let exitWaits: Void = {
    atexit { LibraryThread.joinAll() }
  }()

  /// How often exit looks, a millisecond apart, whether those that are about to end have ended.
  private static let looksMax = 2000

  private static func joinAll() {
    for _ in 0..<looksMax {
      let isDone = state.withLock { $0.ending == 0 }
      if isDone { break }
      usleep(1000)
    }
    join(state.withLock { $0.takeEnded() })
  }

  /// What is left of such a thread is quick.
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
    // On Linux a name given from outside is lost.
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
