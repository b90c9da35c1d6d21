import AnalyticsText
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The disk space that the files of other processes, living and dead, take of a spool's limit.
///
/// It is measured at most once a second, because each measurement examines every file.
final class SpoolRoom: Sendable {
  private let root: String
  private let state = Mutex(State())

  private struct State {
    var bytes = 0
    var isMeasuring = false
    var measuredAt: ContinuousClock.Instant?
  }

  init(root: String) { self.root = root }

  /// The number of bytes on disk at the last measurement.
  var takenByOthers: Int { state.withLock { $0.bytes } }

  /// Measures again, unless a measurement is in progress or was made within the last second.
  ///
  /// - Parameters:
  ///   - own: The directory whose files do not count.
  ///   - atOnce: Whether to measure again even within the second.
  /// - Returns: Whether it was measured.
  @discardableResult
  func measure(besides own: String?, atOnce: Bool = false) -> Bool {
    let isDue = state.withLock { state in
      let isRecent = state.measuredAt.map { ContinuousClock.now - $0 < .seconds(1) } ?? false
      guard !state.isMeasuring, atOnce || !isRecent else { return false }
      state.isMeasuring = true
      return true
    }
    guard isDue else { return false }
    let bytes = Self.bytes(in: root, besides: own)
    state.withLock { $0 = State(bytes: bytes, measuredAt: .now) }
    return true
  }

  private static func bytes(in root: String, besides own: String?) -> Int {
    guard let names = try? Directory.names(in: root) else { return 0 }
    var bytes = 0
    for name in names where UUID(uuidString: name) != nil {
      let directory = root + "/" + name
      guard directory != own, let files = try? Directory.names(in: directory) else { continue }
      for file in files { bytes += Directory.bytesOnDisk(directory + "/" + file) }
    }
    return bytes
  }
}
