import AnalyticsText
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The place of a process's segments: a directory of its own in the spool, created again if it is
/// removed.
final class SpoolHome: Sendable {
  let root: String
  /// The room that other processes' files take.
  let room: SpoolRoom
  private let state = Mutex(State())

  private struct State {
    var directory: SpoolDirectory?
    /// Removed directories. They are kept because segments may still belong to them and their locks
    /// stay held.
    var former: [SpoolDirectory] = []
  }

  init(root: String) {
    self.root = root
    room = SpoolRoom(root: root)
  }

  /// The current directory; `nil` before the first is created.
  var directory: SpoolDirectory? { state.withLock { $0.directory } }

  /// Creates the directory, unless it exists.
  func open() throws(SystemError) {
    try state.withLock { state throws(SystemError) in
      if let directory = state.directory {
        guard directory.isGone else { return }
        state.former.append(directory)
        state.directory = nil
      }
      state.directory = try SpoolDirectory(root: root)
    }
  }

  func makeSegment(number: Int, bytes: Int) throws(SystemError) -> Segment {
    try open()
    guard let directory else { throw SystemError.nothingLeft(of: root) }
    return try directory.makeSegment(number: number, bytes: bytes)
  }

  /// Whether a segment's file is in the current directory.
  func owns(_ segment: Segment) -> Bool {
    guard let directory, let path = segment.path else { return false }
    return path.begins(with: directory.path + "/")
  }

  func removeIfEmpty() {
    if let directory { SpoolDirectory.removeIfEmpty(directory.path) }
  }

  /// Frees disk space that dead processes reserved and never used, whatever their destination.
  func freeUnusedSpace() {
    guard let names = try? Directory.names(in: root) else { return }
    for name in names where UUID(uuidString: name) != nil {
      let path = root + "/" + name
      if path != directory?.path { AdoptedDirectory.freeUnusedSpace(in: path) }
    }
  }
}
