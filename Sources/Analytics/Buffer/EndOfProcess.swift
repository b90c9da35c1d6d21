import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Tidies the spools of all buffers when the process ends by `exit`: rows are synced, and unused
/// space is freed.
///
/// In a short program nothing else does this. Such a program has no worker, and its client does not
/// end before the process: the client may be a global, or a local variable of `main` when `exit` is
/// called.
enum EndOfProcess {
  private struct Living {
    weak var buffer: EventBuffer?
  }

  private static let living = Mutex<[ObjectIdentifier: Living]>([:])

  private static let isWatched: Void = {
    atexit {
      // Does not wait for the lock: if `exit` was called by a thread that holds it, the lock is
      // never released.
      let buffers = EndOfProcess.living.withLockIfAvailable { $0.values.compactMap(\.buffer) }
      for buffer in buffers ?? [] { buffer.close() }
    }
  }()

  static func add(_ buffer: EventBuffer) {
    guard buffer.mode.directory != nil else { return }
    _ = isWatched
    living.withLock { $0[ObjectIdentifier(buffer)] = Living(buffer: buffer) }
  }

  static func remove(_ buffer: EventBuffer) {
    _ = living.withLock { $0.removeValue(forKey: ObjectIdentifier(buffer)) }
  }
}
