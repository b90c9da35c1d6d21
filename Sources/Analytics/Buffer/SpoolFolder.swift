#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One producer's folder in the spool: `<root>/<producer>/`, with a lock file and segments.
///
/// The lock belongs to the process that produces, for as long as it lives; a process ID says
/// nothing, since two containers on one volume can have the same.
final class SpoolFolder: Sendable {
  static let lockName = "lock"
  static let segmentSuffix = ".segment"
  /// Behind the name of a segment whose header cannot be believed.
  static let damagedSuffix = ".damaged"
  /// Behind the name of a segment that is being written again without gaps.
  static let joinedSuffix = ".joined"

  let producer: UUID
  let path: String
  private let lock: OpenFile

  init(root: String) throws(SystemError) {
    try Folder.create(root)
    // Between making the folder, making the lock file and locking it, somebody who looks for the
    // dead can come first; then this folder is theirs to remove, and another is made.
    for _ in 0..<100 {
      let producer = UUID()
      let path = root + "/" + producer.uuidString.lowercased()
      try Folder.create(path)
      do throws(SystemError) {
        let lock = try OpenFile(path + "/" + Self.lockName, create: true)
        if try lock.tryLock(), lock.isStillAtPath() {
          self.producer = producer
          self.path = path
          self.lock = lock
          return
        }
      } catch {
        if error.code == ENOENT { continue }
        // A service that is started again and again would leave one each time.
        Self.remove(path)
        throw error
      }
    }
    errno = EWOULDBLOCK
    throw SystemError("lock a folder in", root)
  }

  /// Whether somebody has removed the folder, or its lock, without which nobody would look for the
  /// dead there.
  var isGone: Bool { lock.isGone() }

  /// Makes a segment whose blocks are reserved and whose pages are in memory.
  func makeSegment(number: Int, bytes: Int) throws(SystemError) -> Segment {
    let name = String(number)
    let padded = String(repeating: "0", count: max(0, 8 - name.count)) + name
    let file = try OpenFile(path + "/" + padded + Self.segmentSuffix, create: true)
    do {
      try file.reserve(bytes)
      let memory = try MappedMemory(sharing: file, bytes: bytes)
      try memory.prefault()
      return Segment(path: file.path, memory: memory)
    } catch {
      Folder.removeFile(file.path)
      throw error
    }
  }

  /// Removes a folder whose lock this process holds, if no segment is left in it.
  static func removeIfEmpty(_ path: String) {
    guard let names = try? Folder.names(in: path), names == [lockName] else { return }
    remove(path)
  }

  private static func remove(_ path: String) {
    Folder.removeFile(path + "/" + lockName)
    Folder.removeEmptyFolder(path)
  }
}
