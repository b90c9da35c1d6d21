internal import AnalyticsText
internal import Foundation
internal import Synchronization

/// A cache, in the process, of additive figures that were read from rollups. Most of what reports
/// read are days that no longer change.
///
/// Each read is stored with the versions of its UTC days. The version of a day is the number of its
/// events, of all types, that are rolled up. Rolling up an event raises it, however late the event
/// arrives. Pending events are not cached, but read each time. Anything else that changes figures
/// (an erasure, a migration, another server) changes the ``Source``, and then the whole cache is
/// dropped. While any rollup still has time to compute, nothing is cached.
final class FigureCache: Sendable {
  /// The identity of the tables that the figures come from. Two sources differ whenever anything
  /// but events may have changed.
  typealias Source = String

  /// A read of the range [lower, upper), in microseconds since 2000.
  struct Key: Hashable, Sendable {
    /// Everything that defines the read, except the range.
    var query: ExactString
    var lower: Int64
    var upper: Int64
  }

  private struct Entry {
    var versions: [Int64]
    var rows: [Figures.Row]

    /// The approximate size in memory.
    var bytes: Int { 300 + 8 * versions.count + rows.reduce(0) { $0 + $1.bytes } }
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var bytes = 0
  }

  let source: Source
  private let bytesMax: Int
  private let state = Mutex(State())

  init(source: Source, bytesMax: Int) {
    self.source = source
    self.bytesMax = bytesMax
  }

  /// Returns the rows of a read; `nil` if it is not in the cache, or its days have changed since.
  func rows(_ key: Key, _ versions: [Int64]) -> [Figures.Row]? {
    state.withLock { $0.entries[key].flatMap { $0.versions == versions ? $0.rows : nil } }
  }

  /// Stores the rows of a read, unless there is no room for them.
  func store(_ rows: [Figures.Row], as key: Key, _ versions: [Int64]) {
    let entry = Entry(versions: versions, rows: rows)
    state.withLock { state in
      state.bytes -= state.entries.removeValue(forKey: key)?.bytes ?? 0
      guard state.bytes + entry.bytes <= bytesMax else { return }
      state.entries[key] = entry
      state.bytes += entry.bytes
    }
  }

  /// Whether so little room is left that an empty cache serves better.
  var isFull: Bool { state.withLock { $0.bytes } > bytesMax / 10 * 9 }
}

/// The current cache of a ``ReportDatabase``, shared by its readers.
final class FigureCacheHolder: Sendable {
  private let bytesMax: Int
  private let current = Mutex<FigureCache?>(nil)

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// Returns the cache for a source. Starts an empty one if the source has changed or the cache is
  /// full; other readers may still use the previous one.
  func cache(of source: FigureCache.Source) -> FigureCache {
    current.withLock { current in
      if let current, current.source == source, !current.isFull { return current }
      let new = FigureCache(source: source, bytesMax: bytesMax)
      current = new
      return new
    }
  }
}
