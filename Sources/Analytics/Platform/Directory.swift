import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The operations on directories and files that the spool needs.
enum Directory {
  /// Creates the directory and its parents, accessible to this user only.
  static func create(_ path: String) throws(SystemError) {
    if make(path) { return }
    guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
      slash > path.startIndex
    else {
      throw SystemError("create the directory", path)
    }
    try create(String(path[..<slash]))
    guard make(path) else { throw SystemError("create the directory", path) }
  }

  private static func make(_ path: String) -> Bool {
    attempt(.mkdir, path) { mkdir(path, 0o700) } == 0 || errno == EEXIST
  }

  /// Returns the names in a directory, sorted, without those that begin with a dot; none if the
  /// directory does not exist.
  static func names(in path: String) throws(SystemError) -> [String] {
    guard let directory = attempt(.list, path, failure: nil, { opendir(path) }) else {
      if errno == ENOENT { return [] }
      throw SystemError("list", path)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      // `errno` is the only way to distinguish the end from a failure. A partial list would be
      // taken for the whole.
      errno = 0
      guard let entry = attempt(.readEntry, path, failure: nil, { readdir(directory) }) else {
        break
      }
      // Read through the pointer and not copied: an entry is only as long as its name, and a copy
      // of `d_name` would read 256 bytes.
      let name = String(
        cString: UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(
          to: CChar.self))
      if !name.begins(with: ".") { names.append(name) }
    }
    guard errno == 0 else { throw SystemError("list", path) }
    return names.sorted()
  }

  private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!

  /// Syncs the directory's entries to the device.
  static func sync(_ path: String) throws(SystemError) {
    let descriptor = attempt(.open, path) { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }
    guard attempt(.syncDirectory, path, { fsync(descriptor) }) == 0 else {
      throw SystemError("sync", path)
    }
  }

  /// Returns the length of a file in bytes; `nil` if it does not exist or cannot be examined.
  static func sizeOfFile(_ path: String) -> Int? {
    var status = stat()
    return attempt(.size, path) { stat(path, &status) } == 0 ? Int(status.st_size) : nil
  }

  /// Returns the disk space of a file in bytes; 0 if it does not exist or cannot be examined.
  static func bytesOnDisk(_ path: String) -> Int {
    var status = stat()
    return attempt(.size, path) { stat(path, &status) } == 0 ? Int(status.st_blocks) * 512 : 0
  }

  static func renameFile(_ path: String, to other: String) throws(SystemError) {
    guard attempt(.rename, path, { rename(path, other) }) == 0 else {
      throw SystemError("rename", path)
    }
  }

  static func removeFile(_ path: String) { _ = attempt(.unlink, path) { unlink(path) } }
  static func removeEmptyDirectory(_ path: String) {
    _ = attempt(.removeDirectory, path) { rmdir(path) }
  }
}
