#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A system call that failed: what it was to do, where, and why it did not.
struct SystemError: Error, CustomStringConvertible {
  let code: Int32
  let description: String

  /// Reads `errno`, so it must be made right after the call.
  init(_ action: String, _ path: String? = nil) {
    let code = errno
    self.code = code
    let place = path.map { " \($0)" } ?? ""
    description = "cannot \(action)\(place): \(String(cString: strerror(code)))"
  }
}

/// An open file, closed at the end of its life, not inherited by child processes.
struct OpenFile: ~Copyable {
  let descriptor: Int32
  let path: String

  /// Opens for reading and writing.
  init(_ path: String, create: Bool = false) throws(SystemError) {
    let flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0)
    descriptor = open(path, flags, 0o600)
    self.path = path
    guard descriptor >= 0 else { throw SystemError("open", path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func size() throws(SystemError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("examine", path) }
    return Int(status.st_size)
  }

  /// Makes the file this long and reserves its blocks: a store into a mapped hole of a full disk
  /// would end the process with SIGBUS.
  func reserve(_ bytes: Int) throws(SystemError) {
    #if os(Linux)
      let code = posix_fallocate(descriptor, 0, off_t(bytes))
      guard code == 0 else {
        errno = code
        throw SystemError("reserve \(bytes) bytes for", path)
      }
    #else
      var store = fstore_t(
        fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0,
        fst_length: off_t(bytes), fst_bytesalloc: 0)
      guard fcntl(descriptor, F_PREALLOCATE, &store) != -1,
        ftruncate(descriptor, off_t(bytes)) == 0
      else { throw SystemError("reserve \(bytes) bytes for", path) }
    #endif
  }

  /// Takes the file's lock for this process if nobody else has it. The system lets go of it when
  /// the process ends, however it ends.
  func tryLock() throws(SystemError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemError("lock", path) }
    return false
  }

  /// Whether `path` still leads to this file, and not to nothing or to another.
  func isStillAtPath() -> Bool {
    var here = stat()
    var there = stat()
    return fstat(descriptor, &here) == 0 && stat(path, &there) == 0
      && here.st_ino == there.st_ino && here.st_dev == there.st_dev
  }
}
