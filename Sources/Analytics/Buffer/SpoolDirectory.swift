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

/// A producer's directory in the spool: `<root>/<producer>/`, with a lock file and segments.
///
/// The producing process holds the lock for as long as it lives. A process ID would prove nothing,
/// because two containers on one volume can have the same.
final class SpoolDirectory: Sendable {
  static let lockName = "lock"
  static let segmentSuffix = ".segment"
  /// The suffix of a segment whose header is damaged.
  static let damagedSuffix = ".damaged"
  /// The suffix of a segment that is being rewritten without gaps.
  static let rewriteSuffix = ".joined"

  let producer: UUID
  let path: String
  private let lock: OpenFile

  init(root: String) throws(SystemError) {
    try Directory.create(root)
    // A process that searches for dead producers may find this directory before it is locked, and
    // remove it. Then another one is created.
    for _ in 0..<100 {
      let producer = UUID()
      let path = root + "/" + producer.uuidString.lowercased()
      try Directory.create(path)
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
        // Otherwise a service that is started again and again would leave one directory each time.
        Self.remove(path)
        throw error
      }
    }
    errno = EWOULDBLOCK
    throw SystemError("lock a directory in", root)
  }

  /// Whether the directory was removed, or its lock file, without which no process would search it
  /// for orphaned segments.
  var isGone: Bool { lock.isGone() }

  /// Creates a segment whose blocks are reserved and whose pages are faulted in.
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
      Directory.removeFile(file.path)
      throw error
    }
  }

  /// Removes a directory whose lock this process holds, if no segment is left in it.
  static func removeIfEmpty(_ path: String) {
    guard let names = try? Directory.names(in: path), names == [lockName] else { return }
    remove(path)
  }

  private static func remove(_ path: String) {
    Directory.removeFile(path + "/" + lockName)
    Directory.removeEmptyDirectory(path)
  }
}
