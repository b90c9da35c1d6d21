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
    var folder: SpoolFolder?
    /// Removed directories. They are kept because segments may still belong to them and their locks
    /// stay held.
    var former: [SpoolFolder] = []
  }

  init(root: String) {
    self.root = root
    room = SpoolRoom(root: root)
  }

  /// The current directory; `nil` before the first is created.
  var folder: SpoolFolder? { state.withLock { $0.folder } }

  /// Creates the directory, unless it exists.
  func open() throws(SystemError) {
    try state.withLock { state throws(SystemError) in
      if let folder = state.folder {
        guard folder.isGone else { return }
        state.former.append(folder)
        state.folder = nil
      }
      state.folder = try SpoolFolder(root: root)
    }
  }

  func makeSegment(number: Int, bytes: Int) throws(SystemError) -> Segment {
    try open()
    guard let folder else { throw SystemError.nothingLeft(of: root) }
    return try folder.makeSegment(number: number, bytes: bytes)
  }

  /// Whether a segment's file is in the current directory.
  func owns(_ segment: Segment) -> Bool {
    guard let folder, let path = segment.path else { return false }
    return path.begins(with: folder.path + "/")
  }

  func removeIfEmpty() {
    if let folder { SpoolFolder.removeIfEmpty(folder.path) }
  }

  /// Frees disk space that dead processes reserved and never used, whatever their destination.
  func freeUnusedSpace() {
    guard let names = try? Folder.names(in: root) else { return }
    for name in names where UUID(uuidString: name) != nil {
      let path = root + "/" + name
      if path != folder?.path { AdoptedFolder.freeUnusedSpace(in: path) }
    }
  }
}
