import AnalyticsText

/// The state that is kept about a partition between two polls.
///
/// An event is new if its transaction had not ended at the last poll. An event with an old time, or
/// one that was committed after events with later times, is therefore found as well. The search is
/// limited to the end of the partition's file, where the server puts new rows.
struct PartitionWatch {
  /// The transactions that had ended at the last poll, as `pg_current_snapshot()` writes them.
  private(set) var seen: Snapshot
  private var last: Partition?
  /// The partition's sizes at earlier polls, each with the snapshot's `xmax`. Transactions that
  /// were running then may still have been writing before that size.
  private var marks: [(xmax: UInt64, pages: Int)] = []
  /// No page before this one contains new rows.
  private var floor = 0
  /// The number of further polls although nothing seems to have changed.
  private var pollsLeft = 0

  /// The largest number of empty pages that the server adds ahead and fills later: 8 MB.
  static let pagesAhead = 1024
  /// The number of polls after a change. The statistics that reveal rows in existing pages lag by
  /// about ten seconds.
  static let pollsAfterChange = 60

  /// - Parameter seen: All rows that this snapshot sees count as old.
  /// - Parameter partition: Its state before that snapshot; `nil` if it was created later.
  init(seen: Snapshot, partition: Partition?) {
    self.seen = seen
    last = partition
    if let partition { marks = [(seen.xmax, partition.pages)] }
    settle()
  }

  /// The page from which to search for rows that `seen` did not see; `nil` if nothing has changed.
  func firstPage(_ partition: Partition) -> Int? {
    guard let last else { return 0 }
    // VACUUM FULL has rewritten the file: rows may be anywhere, but still have their transaction
    // IDs.
    if partition.pages < last.pages { return 0 }
    guard partition != last || !marks.isEmpty || pollsLeft > 0 else { return nil }
    return max(0, floor - Self.pagesAhead)
  }

  /// Records that all rows up to `snapshot` have been read.
  ///
  /// - Parameter partition: Its state before the snapshot was taken. Later transactions write
  ///   behind its end.
  mutating func polled(_ partition: Partition, snapshot: Snapshot) {
    pollsLeft = partition == last ? max(0, pollsLeft - 1) : Self.pollsAfterChange
    if let last, partition.pages < last.pages {
      marks = []
      floor = 0
    }
    last = partition
    seen = snapshot
    if let mark = marks.last, mark.pages == partition.pages { marks.removeLast() }
    marks.append((snapshot.xmax, partition.pages))
    settle()
  }

  /// Takes a size as the floor once all transactions that were running at its time have ended:
  /// later ones have written behind it.
  private mutating func settle() {
    while let mark = marks.first, mark.xmax <= seen.xmin {
      floor = mark.pages
      marks.removeFirst()
    }
  }
}

/// The state of a partition's file.
struct Partition: Hashable {
  var schema: String
  var name: String
  var pages: Int
  /// The number of rows ever inserted, from the server's statistics.
  var inserted: Int64
}

/// The transactions that have ended, in the text format of `pg_snapshot`: `xmin:xmax:running,…`.
struct Snapshot: Hashable, Sendable {
  let text: String
  /// All transactions before it have ended.
  let xmin: UInt64
  /// It and all later transactions had not begun.
  let xmax: UInt64

  init?(_ text: String) {
    let parts = text.split(at: ":", omittingEmpty: false)
    guard parts.count == 3, let xmin = UInt64(parts[0]), let xmax = UInt64(parts[1]) else {
      return nil
    }
    (self.text, self.xmin, self.xmax) = (text, xmin, xmax)
  }
}
