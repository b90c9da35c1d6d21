import AnalyticsPostgres
import Foundation
import Synchronization

/// Connects, closes and exits, while what a connection's thread leaves behind is destroyed slowly, and the
/// library that would destroy it is taken down: as libkrb5 does, which aborts then.
///
/// ```
/// AnalyticsServiceSubject exit <database URL>
/// ```
enum ExitSubject {
  fileprivate static let isTakenDown = Atomic(false)
  fileprivate static let isDestroyed = Atomic(false)

  static func run(url: String) async throws -> Never {
    // Registered first, so it comes last, as what a library registers when it is loaded.
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

  /// Keeps its thread until something holds or the time is over.
  fileprivate static func wait(atMost duration: Duration, until holds: () -> Bool) {
    let end = ContinuousClock.now + duration
    while !holds() && ContinuousClock.now < end { sched_yield() }
  }
}

/// Its thread ends with a value to destroy.
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
