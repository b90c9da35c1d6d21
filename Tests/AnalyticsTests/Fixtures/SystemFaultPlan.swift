import Synchronization

@testable import Analytics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Counts the system calls for a directory, and makes some of them fail.
final class SystemFaultPlan: Sendable {
  private struct State {
    var calls: [SystemCall] = []
    var fails: @Sendable (SystemCall, _ number: Int) -> Int32? = { _, _ in nil }
    var failed: [SystemCall] = []
  }
  private let state = Mutex(State())
  private let directory: String

  init(below directory: String) {
    self.directory = directory
    SystemFaults.set(
      { [state = Shared(self)] call, _ in state.plan?.answer(call) }, below: directory)
  }

  /// The calls, in order.
  var calls: [SystemCall] { state.withLock { $0.calls } }

  /// The calls that failed.
  var failed: [SystemCall] { state.withLock { $0.failed } }

  /// From now on a call fails if `fails` returns an error for it. The first call has number 1.
  func fail(_ fails: @escaping @Sendable (SystemCall, _ number: Int) -> Int32?) {
    state.withLock { $0.fails = fails }
  }

  func end() { SystemFaults.set(nil, below: directory) }

  private func answer(_ call: SystemCall) -> Int32? {
    state.withLock { state in
      state.calls.append(call)
      guard let code = state.fails(call, state.calls.count) else { return nil }
      state.failed.append(call)
      return code
    }
  }

  private struct Shared: Sendable {
    weak let plan: SystemFaultPlan?
    init(_ plan: SystemFaultPlan) { self.plan = plan }
  }
}

extension SystemCall {
  /// The errors that the system may return. A missing file is not included, because the spool accepts that.
  var errors: [Int32] {
    switch self {
    case .open: [EMFILE, EACCES, EIO, ENOSPC]
    case .mkdir: [ENOSPC, EACCES, EROFS]
    case .list: [EMFILE, EACCES, ENOMEM]
    case .readEntry: [EIO]
    case .size: [EIO, EACCES]
    case .reserve: [ENOSPC, EDQUOT, EIO, EFBIG]
    case .lock: [ENOLCK, EOPNOTSUPP]
    case .map: [ENOMEM, ENODEV, EAGAIN]
    case .populate: [EFAULT, ENOMEM]
    case .unmap: [ENOMEM]
    case .freeBlocks: [EOPNOTSUPP, EIO]
    case .syncMemory, .syncDirectory: [EIO, ENOSPC]
    case .rename, .unlink, .removeDirectory: [EIO, EACCES, ENOSPC]
    }
  }
}
