import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Has the buffers of a process that ends by `exit` leave their spools in order: on the device and no
/// larger than their rows.
///
/// Neither a worker nor a `deinit` does it for a short program whose client is a global, or lives in
/// `main` until `exit` is called.
enum EndOfProcess {
  private struct Living {
    weak var buffer: EventBuffer?
  }

  private static let living = Mutex<[ObjectIdentifier: Living]>([:])

  private static let isWatched: Void = {
    atexit {
      // A thread that holds this will never let go, should `exit` have been called from inside.
      let buffers = EndOfProcess.living.withLockIfAvailable { $0.values.compactMap(\.buffer) }
      for buffer in buffers ?? [] { buffer.leave() }
    }
  }()

  static func add(_ buffer: EventBuffer) {
    guard buffer.mode.folder != nil else { return }
    _ = isWatched
    living.withLock { $0[ObjectIdentifier(buffer)] = Living(buffer: buffer) }
  }

  static func remove(_ buffer: EventBuffer) {
    _ = living.withLock { $0.removeValue(forKey: ObjectIdentifier(buffer)) }
  }
}
