/// A queue of segments with unsettled rows, oldest first, with the row numbers of each.
///
/// An owner numbers its rows from 0 in the order in which they were appended; a segment holds
/// consecutive numbers. Rows of a segment that is removed before they are settled count as lost.
struct SegmentQueue {
  private struct Entry {
    let segment: Segment
    let firstRow: Int
    /// The number after its last row; `nil` while the segment may still grow.
    var end: Int?
    var settled = 0
  }
  private var entries: [Entry] = []

  var segments: [Segment] { entries.map(\.segment) }
  var isEmpty: Bool { entries.isEmpty }
  var last: Segment? { entries.last?.segment }

  func contains(_ segment: Segment) -> Bool { entries.contains { $0.segment === segment } }

  /// Returns the segment that holds the row with this number; `nil` if the segment was removed.
  func segment(ofRow number: Int) -> Segment? {
    entries.last { $0.firstRow <= number && $0.end.map { number < $0 } ?? true }?.segment
  }

  /// Adds a segment whose first row has this number. The segment before it no longer grows.
  mutating func append(_ segment: Segment, firstRow: Int) {
    precondition(!contains(segment), "a segment is in its queue once")
    precondition(entries.last.map { firstRow > $0.firstRow } ?? true, "row numbers increase")
    if let last = entries.indices.last, entries[last].end == nil { entries[last].end = firstRow }
    entries.append(Entry(segment: segment, firstRow: firstRow))
  }

  /// Counts rows of a segment as settled.
  ///
  /// The segment is in the queue: the caller holds its lease, and only the holder of the lease
  /// removes a segment. ``removeAll()`` does not ask for leases, but it runs only after the last
  /// batch.
  mutating func settle(_ rows: Int, in segment: Segment) {
    assert(rows > 0, "a piece has rows")
    guard let index = entries.firstIndex(where: { $0.segment === segment }) else {
      assertionFailure("a leased segment stays in its queue")
      return
    }
    entries[index].settled += rows
    assert(
      entries[index].end.map { entries[index].settled <= $0 - entries[index].firstRow } ?? true,
      "a segment has no more rows than were counted")
  }

  /// Removes a segment.
  ///
  /// - Parameter rowCount: The number of rows that the owner has had so far.
  /// - Returns: The number of the segment's rows that were not settled.
  mutating func remove(_ segment: Segment, rowCount: Int) -> Int {
    guard let index = entries.firstIndex(where: { $0.segment === segment }) else { return 0 }
    let entry = entries.remove(at: index)
    let lost = (entry.end ?? rowCount) - entry.firstRow - entry.settled
    assert(lost >= 0, "a segment has no more rows than were counted")
    return lost
  }

  mutating func removeAll() { entries = [] }
}
