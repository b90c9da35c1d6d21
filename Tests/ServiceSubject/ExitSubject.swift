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

  static func run(url: String) async throws -> Never {
    // Registered first, so it comes last, as what a library registers when it is loaded.
    atexit {
      ExitSubject.isTakenDown.store(true, ordering: .sequentiallyConsistent)
      usleep(500_000)
    }
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
    await connection.close()
    await Leaving().leave()
    exit(0)
  }
}

/// Its thread ends with a value to destroy.
private actor Leaving {
  private let thread = ConnectionThread(name: "leaving")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func leave() {
    var key = pthread_key_t()
    pthread_key_create(&key) { _ in
      usleep(200_000)
      if ExitSubject.isTakenDown.load(ordering: .sequentiallyConsistent) { abort() }
    }
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    thread.finish()
  }
}
