import AnalyticsText

/// What is known of one partition between two looks at it.
///
/// An event is new if the transaction that wrote it was not over at the last look: so one that is
/// late, or was committed after others with later times, is as new as any. What bounds the search is
/// that new rows go to the end of a table's file.
struct PartitionWatch {
  /// What had been committed at the last look, as `pg_current_snapshot()` writes it.
  private(set) var seen: Snapshot
  private var last: Partition?
  /// Sizes at earlier looks after which some transaction under way may still have been writing.
  private var marks: [(xmax: UInt64, pages: Int)] = []
  /// Before this page there is nothing new.
  private var floor = 0
  /// How many looks more are taken though nothing seems to have changed.
  private var looksLeft = 0

  /// Empty pages that the server made ahead and fills later, at most: 8 MB.
  static let pagesAhead = 1024
  /// The statistics that tell of rows in room that was there before lag by some ten seconds.
  static let looksAfterChange = 60

  /// - Parameter seen: Everything that this snapshot sees counts as old.
  /// - Parameter partition: As it was before that snapshot; `nil` if it is newer.
  init(seen: Snapshot, partition: Partition?) {
    self.seen = seen
    last = partition
    if let partition { marks = [(seen.xmax, partition.pages)] }
    settle()
  }

  /// The page from which to look for what `seen` did not see; `nil` if nothing has changed.
  func firstPage(_ partition: Partition) -> Int? {
    guard let last else { return 0 }
    // Written anew by VACUUM FULL: rows are anywhere, and who wrote them is still known.
    if partition.pages < last.pages { return 0 }
    guard partition != last || !marks.isEmpty || looksLeft > 0 else { return nil }
    return max(0, floor - Self.pagesAhead)
  }

  /// Notes that everything up to `snapshot` has been looked at.
  ///
  /// - Parameter partition: As it was before the snapshot was taken. Whatever a later transaction
  ///   writes goes behind its end.
  mutating func looked(at partition: Partition, snapshot: Snapshot) {
    looksLeft = partition == last ? max(0, looksLeft - 1) : Self.looksAfterChange
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

  /// A size counts once every transaction that was under way at its time is over: later ones have
  /// written behind it.
  private mutating func settle() {
    while let mark = marks.first, mark.xmax <= seen.xmin {
      floor = mark.pages
      marks.removeFirst()
    }
  }
}

/// A partition's file as the server describes it.
struct Partition: Hashable {
  var schema: String
  var name: String
  var pages: Int
  /// Rows ever inserted, by the server's statistics.
  var inserted: Int64
}

/// Which transactions are over, as `pg_snapshot`'s text says: `xmin:xmax:running,…`.
struct Snapshot: Hashable, Sendable {
  let text: String
  /// All before it are over.
  let xmin: UInt64
  /// It and all behind it had not begun.
  let xmax: UInt64

  init?(_ text: String) {
    let parts = text.split(at: ":", omittingEmpty: false)
    guard parts.count == 3, let xmin = UInt64(parts[0]), let xmax = UInt64(parts[1]) else {
      return nil
    }
    (self.text, self.xmin, self.xmax) = (text, xmin, xmax)
  }
}
