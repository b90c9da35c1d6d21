internal import AnalyticsText
internal import Foundation
internal import Synchronization

/// Additive figures that were read of rollups, kept in the process for whoever asks next: most of what a
/// report reads are days that do not change any more.
///
/// Each read is kept with the versions of the UTC days it is of. A day's version is how many of its events are rolled
/// up, of all types: rolling up raises it, however late an event is. What is pending is read each time. What else
/// changes figures (an erasure, a migration, another server) changes the ``Source``, with which all that was kept goes.
/// While a rollup is still to be computed nothing is kept.
final class KeptReads: Sendable {
  /// What the figures are from, in a text that differs where anything but events may have changed.
  typealias Source = String

  /// What was read of a range of time: [lower, upper).
  struct Key: Hashable, Sendable {
    /// Everything that was said but the range.
    var query: ExactString
    var lower: Int64
    var upper: Int64
  }

  private struct Entry {
    var versions: [Int64]
    var rows: [Figures.Row]

    /// What it takes in memory, about.
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

  /// `nil` if it was not read, or something happened since.
  func rows(_ key: Key, _ versions: [Int64]) -> [Figures.Row]? {
    state.withLock { $0.entries[key].flatMap { $0.versions == versions ? $0.rows : nil } }
  }

  /// Keeps something unless there is no room for it.
  func keep(_ rows: [Figures.Row], as key: Key, _ versions: [Int64]) {
    let entry = Entry(versions: versions, rows: rows)
    state.withLock { state in
      state.bytes -= state.entries.removeValue(forKey: key)?.bytes ?? 0
      guard state.bytes + entry.bytes <= bytesMax else { return }
      state.entries[key] = entry
      state.bytes += entry.bytes
    }
  }

  /// Whether so little room is left that it is better to begin anew.
  var isFull: Bool { state.withLock { $0.bytes } > bytesMax / 10 * 9 }
}

/// What the readers of one ``ReportDatabase`` share.
final class ReadKeeper: Sendable {
  private let bytesMax: Int
  private let current = Mutex<KeptReads?>(nil)

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// What was kept of a source. A reader holds on to it while others may have begun anew.
  func reads(of source: KeptReads.Source) -> KeptReads {
    current.withLock { current in
      if let current, current.source == source, !current.isFull { return current }
      let new = KeptReads(source: source, bytesMax: bytesMax)
      current = new
      return new
    }
  }
}
