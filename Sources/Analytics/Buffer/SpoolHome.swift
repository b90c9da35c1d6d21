import AnalyticsText
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where a process keeps its segments: a folder of its own in the spool, made anew should somebody
/// remove it.
final class SpoolHome: Sendable {
  let root: String
  /// What the files of others leave of the limit.
  let room: SpoolRoom
  private let state = Mutex(State())

  private struct State {
    var folder: SpoolFolder?
    /// Those that somebody has removed: segments may be left in them, and their locks stay taken.
    var former: [SpoolFolder] = []
  }

  init(root: String) {
    self.root = root
    room = SpoolRoom(root: root)
  }

  /// The present folder; `nil` before the first.
  var folder: SpoolFolder? { state.withLock { $0.folder } }

  /// Makes the folder, unless it is there.
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

  /// Whether a segment's file is in the present folder.
  func owns(_ segment: Segment) -> Bool {
    guard let folder, let path = segment.path else { return false }
    return path.begins(with: folder.path + "/")
  }

  func removeIfEmpty() {
    if let folder { SpoolFolder.removeIfEmpty(folder.path) }
  }

  /// Frees the disk space that dead processes reserved and never used, for any destination.
  func tidy() {
    guard let names = try? Folder.names(in: root) else { return }
    for name in names where UUID(uuidString: name) != nil {
      let path = root + "/" + name
      if path != folder?.path { AdoptedFolder.tidy(path) }
    }
  }
}
