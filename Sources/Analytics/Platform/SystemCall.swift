import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Synchronization

/// The system calls of the spool that can fail, by which tests select faults.
enum SystemCall: String, CaseIterable {
  case open, mkdir, list, readEntry, size, reserve, lock, map, populate, freeBlocks, unmap,
    syncMemory,
    syncDirectory, rename, unlink, removeDirectory
}

/// Makes a system call about a path, and repeats it if a signal interrupted it.
@inline(__always)
func attempt(_ call: SystemCall, _ path: String?, _ body: () -> Int32) -> Int32 {
  while true {
    let result = attempt(call, path, failure: -1, body)
    if result != -1 || errno != EINTR { return result }
  }
}

/// Makes a system call about a path. In debug builds a test can make it fail.
@inline(__always)
func attempt<Value>(
  _ call: SystemCall, _ path: String?, failure: Value, _ body: () -> Value
) -> Value {
  #if DEBUG
    if let path, let code = SystemFaults.code(of: call, path) {
      errno = code
      return failure
    }
  #endif
  return body()
}

#if DEBUG
  /// The system calls that fail in tests. Does not exist in release builds.
  enum SystemFaults {
    /// Returns the error of a call that is to fail; `nil` if the call is to be made.
    typealias Plan = @Sendable (SystemCall, _ path: String) -> Int32?

    private static let isInUse = Atomic(false)
    private static let plans = Mutex<[String: Plan]>([:])

    /// Consults `plan` about all calls below a directory, until it is set to `nil`.
    static func set(_ plan: Plan?, below directory: String) {
      plans.withLock { $0[directory] = plan }
      isInUse.store(true, ordering: .releasing)
    }

    static func code(of call: SystemCall, _ path: String) -> Int32? {
      guard isInUse.load(ordering: .acquiring) else { return nil }
      let plan = plans.withLock { plans in plans.first { path.begins(with: $0.key) }?.value }
      return plan?(call, path)
    }
  }
#endif
