/// Segments with unsettled rows, oldest first, and what the books say of each.
///
/// An owner numbers its rows from 0 in the order in which they came; a segment holds a run of them.
/// Rows of a segment that goes without having been settled are lost, whatever became of them.
struct SegmentQueue {
  private struct Entry {
    let segment: Segment
    let firstRow: Int
    /// Behind its last row; `nil` while it may still grow.
    var end: Int?
    var settled = 0
  }
  private var entries: [Entry] = []

  var segments: [Segment] { entries.map(\.segment) }
  var isEmpty: Bool { entries.isEmpty }
  var last: Segment? { entries.last?.segment }

  func contains(_ segment: Segment) -> Bool { entries.contains { $0.segment === segment } }

  /// The segment that holds the owner's row with this number; `nil` if it is gone.
  func segment(ofRow number: Int) -> Segment? {
    entries.last { $0.firstRow <= number && $0.end.map { number < $0 } ?? true }?.segment
  }

  /// Adds a segment whose first row has this number; the one before grows no more.
  mutating func append(_ segment: Segment, firstRow: Int) {
    if let last = entries.indices.last, entries[last].end == nil { entries[last].end = firstRow }
    entries.append(Entry(segment: segment, firstRow: firstRow))
  }

  mutating func settle(_ rows: Int, in segment: Segment) {
    guard let index = entries.firstIndex(where: { $0.segment === segment }) else { return }
    entries[index].settled += rows
  }

  /// Takes a segment out.
  ///
  /// - Parameter rowCount: How many rows the owner has had so far.
  /// - Returns: how many of the segment's rows were never settled.
  mutating func remove(_ segment: Segment, rowCount: Int) -> Int {
    guard let index = entries.firstIndex(where: { $0.segment === segment }) else { return 0 }
    let entry = entries.remove(at: index)
    return (entry.end ?? rowCount) - entry.firstRow - entry.settled
  }

  mutating func removeAll() { entries = [] }
}
