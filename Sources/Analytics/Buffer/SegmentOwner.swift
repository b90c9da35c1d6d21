/// Who keeps a queue of segments with unsettled rows: a stripe, or a folder left by a dead process.
protocol SegmentOwner: AnyObject, Sendable {
  /// The segments, oldest first, and whether the last may still grow.
  func segments() -> (queue: [Segment], lastIsActive: Bool)

  /// Where a segment stands now; `nil` if it is in the queue no more.
  func standing(of segment: Segment) -> SegmentStanding?

  /// Notes that rows are settled.
  func settled(rows: Int)

  /// Takes a segment that can hold no more rows and has none left out of the queue.
  func remove(_ segment: Segment)
}

enum SegmentStanding {
  /// Rows are still appended.
  case active
  /// What is there is all there will be.
  case sealed
}

extension SegmentOwner {
  /// Takes unsettled rows from the front until `room` is used up.
  ///
  /// Each segment that rows are taken from is leased to the batch; those leased already are passed
  /// over. A segment that has been emptied and will not grow is removed on the way.
  func gather(into pieces: inout [EventBatch.Piece], _ room: inout BatchRoom) throws(SystemError) {
    for segment in segments().queue where !room.isUsedUp && segment.tryLease() {
      var isTaken = false
      defer { if !isTaken { segment.endLease() } }
      // Only who holds the lease takes a segment out of the queue, so from here on this is true.
      // Sealed first, read second: what is committed after the seal was noticed does not exist.
      guard let standing = standing(of: segment) else { continue }
      let range = segment.drained..<segment.committed
      if range.isEmpty {
        if standing == .sealed { remove(segment) }
        continue
      }
      let memory = try segment.mapped()
      let bytes = UnsafeRawBufferPointer(
        start: memory.base + SegmentHeader.bytes + range.lowerBound, count: range.count)
      let (length, rows) = room.take(bytes)
      guard rows > 0 else { continue }
      isTaken = true
      pieces.append(
        EventBatch.Piece(
          segment: segment, memory: memory, owner: self,
          range: range.lowerBound..<range.lowerBound + length, rowCount: rows))
    }
  }
}

/// What still fits a batch.
struct BatchRoom {
  var rows: Int
  var bytes: Int

  private var isEmpty = true

  init(rows: Int, bytes: Int) { (self.rows, self.bytes) = (rows, bytes) }

  var isUsedUp: Bool { rows <= 0 || bytes <= 0 }

  /// As many whole rows from the start of `source` as fit; the first of a batch always does.
  mutating func take(_ source: UnsafeRawBufferPointer) -> (length: Int, rows: Int) {
    var length = 0
    var taken = 0
    while length < source.count, !isUsedUp,
      let row = RowLayout.rowLength(source.slice(length..<source.count))
    {
      guard row <= bytes || isEmpty else {
        bytes = 0
        break
      }
      isEmpty = false
      length += row
      taken += 1
      rows -= 1
      bytes -= row
    }
    return (length, taken)
  }
}
