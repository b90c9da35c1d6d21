import AnalyticsText
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What of a spool's limit is taken by the files of other processes, living and dead.
///
/// Looked at again after a second at the earliest: it costs a look at each file.
final class SpoolRoom: Sendable {
  private let root: String
  private let state = Mutex(State())

  private struct State {
    var bytes = 0
    var isLooking = false
    var lookedAt: ContinuousClock.Instant?
  }

  init(root: String) { self.root = root }

  /// Bytes on the disk, as of the last look.
  var takenByOthers: Int { state.withLock { $0.bytes } }

  /// Looks again, unless somebody does or did within the last second.
  ///
  /// - Parameter own: The folder whose files do not count.
  /// - Returns: whether it was looked.
  @discardableResult
  func look(besides own: String?, atOnce: Bool = false) -> Bool {
    let isDue = state.withLock { state in
      let isRecent = state.lookedAt.map { ContinuousClock.now - $0 < .seconds(1) } ?? false
      guard !state.isLooking, atOnce || !isRecent else { return false }
      state.isLooking = true
      return true
    }
    guard isDue else { return false }
    let bytes = Self.bytes(in: root, besides: own)
    state.withLock { $0 = State(bytes: bytes, lookedAt: .now) }
    return true
  }

  private static func bytes(in root: String, besides own: String?) -> Int {
    guard let names = try? Folder.names(in: root) else { return 0 }
    var bytes = 0
    for name in names where UUID(uuidString: name) != nil {
      let folder = root + "/" + name
      guard folder != own, let files = try? Folder.names(in: folder) else { continue }
      for file in files { bytes += Folder.bytesOnDisk(folder + "/" + file) }
    }
    return bytes
  }
}
