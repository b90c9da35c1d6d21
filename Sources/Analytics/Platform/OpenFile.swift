import AnalyticsText
import CAnalyticsPlatform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A failed system call: the attempted action, the path and the reason.
struct SystemError: Error, CustomStringConvertible {
  let code: Int32
  let description: String

  /// Reads `errno`, so it must be created right after the call.
  init(_ action: String, _ path: String? = nil) {
    self.init(action, path, errno)
  }

  private init(_ action: String, _ path: String?, _ code: Int32) {
    self.code = code
    let place = path.map { " \($0)" } ?? ""
    description = "cannot \(action)\(place): \(SystemReason.text(code))"
  }

  /// A file was truncated so far that nothing of value is left.
  static func nothingLeft(of path: String) -> SystemError { SystemError("read", path, ENODATA) }

  /// Whether the data is gone, and not just unavailable for now.
  var isLoss: Bool { code == ENOENT || code == ENODATA }

  /// Whether this process or the system has no file descriptor left.
  var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }

  /// Whether the device failed to store data.
  var isOfDevice: Bool { code == EIO || code == ENOSPC || code == EDQUOT }
}

/// An open file, which is closed when the value is destroyed and is not inherited by child
/// processes.
struct OpenFile: ~Copyable {
  let descriptor: Int32
  let path: String

  /// Opens for reading and writing.
  init(_ path: String, create: Bool = false) throws(SystemError) {
    let flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0)
    descriptor = attempt(.open, path) { open(path, flags, 0o600) }
    self.path = path
    guard descriptor >= 0 else { throw SystemError("open", path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    analytics_release_at_fork(descriptor, 0)
    close(descriptor)
  }

  func size() throws(SystemError) -> Int {
    var status = stat()
    guard attempt(.size, path, { fstat(descriptor, &status) }) == 0 else {
      throw SystemError("examine", path)
    }
    return Int(status.st_size)
  }

  /// Makes the file this long and reserves its blocks. Without blocks, a store into the mapped file
  /// would end the process with SIGBUS on a full disk.
  func reserve(_ bytes: Int) throws(SystemError) {
    let result = attempt(.reserve, path) {
      #if os(Linux)
        errno = posix_fallocate(descriptor, 0, off_t(bytes))
        return errno == 0 ? 0 : -1
      #else
        var store = fstore_t(
          fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0,
          fst_length: off_t(bytes), fst_bytesalloc: 0)
        guard fcntl(descriptor, F_PREALLOCATE, &store) != -1 else { return -1 }
        return ftruncate(descriptor, off_t(bytes))
      #endif
    }
    guard result == 0 else { throw SystemError("reserve \(bytes) bytes for", path) }
  }

  /// Locks the file for this process; returns `false` if it is already locked. The system releases
  /// the lock when the process ends in any way. A forked child does not keep it.
  func tryLock() throws(SystemError) -> Bool {
    if attempt(.lock, path, { flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 {
      analytics_release_at_fork(descriptor, 1)
      return true
    }
    guard errno == EWOULDBLOCK else { throw SystemError("lock", path) }
    return false
  }

  /// Whether `path` no longer leads to this file. If that cannot be determined, returns `false`.
  func isGone() -> Bool {
    var here = stat()
    var there = stat()
    guard attempt(.size, path, { fstat(descriptor, &here) }) == 0 else { return false }
    if attempt(.size, path, { stat(path, &there) }) == 0 {
      return here.st_ino != there.st_ino || here.st_dev != there.st_dev
    }
    return errno == ENOENT || errno == ENOTDIR
  }

  /// Whether `path` still leads to this file. If that cannot be determined, returns `false`.
  func isStillAtPath() -> Bool {
    var here = stat()
    var there = stat()
    return attempt(.size, path) { fstat(descriptor, &here) } == 0
      && attempt(.size, path) { stat(path, &there) } == 0
      && here.st_ino == there.st_ino && here.st_dev == there.st_dev
  }
}
