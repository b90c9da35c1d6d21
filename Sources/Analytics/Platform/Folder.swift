import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the spool needs of folders.
enum Folder {
  /// Makes the folder and those above it, readable by this user alone.
  static func create(_ path: String) throws(SystemError) {
    if make(path) { return }
    guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
      slash > path.startIndex
    else {
      throw SystemError("create the folder", path)
    }
    try create(String(path[..<slash]))
    guard make(path) else { throw SystemError("create the folder", path) }
  }

  private static func make(_ path: String) -> Bool {
    attempt(.mkdir, path) { mkdir(path, 0o700) } == 0 || errno == EEXIST
  }

  /// The names in a folder, sorted, without those that begin with a dot; none if it is gone.
  static func names(in path: String) throws(SystemError) -> [String] {
    guard let folder = attempt(.list, path, failure: nil, { opendir(path) }) else {
      if errno == ENOENT { return [] }
      throw SystemError("list", path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      // Only so can the end be told from a failure: half a list would be taken for all there is.
      errno = 0
      guard let entry = attempt(.readEntry, path, failure: nil, { readdir(folder) }) else { break }
      // Not by way of a value: an entry is as long as its name, and a copy of `d_name` reads 256 bytes.
      let name = String(
        cString: UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(
          to: CChar.self))
      if !name.begins(with: ".") { names.append(name) }
    }
    guard errno == 0 else { throw SystemError("list", path) }
    return names.sorted()
  }

  private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!

  /// Brings the folder's entries to the device.
  static func sync(_ path: String) throws(SystemError) {
    let descriptor = attempt(.open, path) { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }
    guard attempt(.syncFolder, path, { fsync(descriptor) }) == 0 else {
      throw SystemError("sync", path)
    }
  }

  /// How long a file is; `nil` if there is none, or none that can be looked at.
  static func sizeOfFile(_ path: String) -> Int? {
    var status = stat()
    return attempt(.size, path) { stat(path, &status) } == 0 ? Int(status.st_size) : nil
  }

  /// How much room a file takes; 0 if there is none, or none that can be looked at.
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
  static func removeEmptyFolder(_ path: String) {
    _ = attempt(.removeFolder, path) { rmdir(path) }
  }
}
