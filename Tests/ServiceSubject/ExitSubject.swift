import AnalyticsPostgres
import Foundation
import Synchronization

/// Connects, closes and exits while a value of the connection's thread is destroyed slowly and the library that
/// destroys it is being unloaded. libkrb5 aborts in this situation.
///
/// ```
/// AnalyticsServiceSubject exit <database URL>
/// ```
enum ExitSubject {
  fileprivate static let isTakenDown = Atomic(false)
  fileprivate static let isDestroyed = Atomic(false)

  static func run(url: String) async throws -> Never {
    // Exit handlers run in reverse order. This one is registered first and runs last, as that of a library that was
    // loaded at the start.
    atexit {
      ExitSubject.isTakenDown.store(true, ordering: .sequentiallyConsistent)
      ExitSubject.wait(atMost: .milliseconds(500)) {
        ExitSubject.isDestroyed.load(ordering: .sequentiallyConsistent)
      }
    }
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
    await connection.close()
    await Leaving().leave()
    exit(0)
  }

  /// Keeps the thread busy until a condition holds, or the time is over.
  fileprivate static func wait(atMost duration: Duration, until holds: () -> Bool) {
    let end = ContinuousClock.now + duration
    while !holds() && ContinuousClock.now < end { sched_yield() }
  }
}

/// A thread that has a value to destroy when it ends.
private actor Leaving {
  private let thread = ConnectionThread(name: "leaving")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func leave() {
    var key = pthread_key_t()
    pthread_key_create(&key) { _ in
      let isTakenDown = { ExitSubject.isTakenDown.load(ordering: .sequentiallyConsistent) }
      ExitSubject.wait(atMost: .milliseconds(200), until: isTakenDown)
      if isTakenDown() { abort() }
      ExitSubject.isDestroyed.store(true, ordering: .sequentiallyConsistent)
    }
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    thread.finish()
  }
}
