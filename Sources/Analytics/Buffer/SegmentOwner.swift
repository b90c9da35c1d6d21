/// Who keeps a queue of segments with unsettled rows: a stripe, or a folder left by a dead process.
protocol SegmentOwner: AnyObject, Sendable {
  /// The segments, oldest first, and whether the last may still grow.
  func segments() -> (queue: [Segment], lastIsActive: Bool)

  /// Where a segment stands now; `nil` if it is in the queue no more.
  func standing(of segment: Segment) -> SegmentStanding?

  /// Notes that rows are settled.
  func settled(rows: Int, in segment: Segment)

  /// Takes a segment that can hold no more rows out of the queue.
  ///
  /// - Returns: how many rows it held that nobody will ever settle: they are counted as lost.
  func remove(_ segment: Segment) -> Int
}

enum SegmentStanding {
  /// Rows are still appended.
  case active
  /// What is there is all there will be.
  case sealed
}

/// A batch on its way, and what was found out while it was gathered.
struct Gathering {
  var room: BatchRoom
  var pieces: [EventBatch.Piece] = []
  var losses: [LostRows] = []
  /// Why the first of the segments that were passed over could not be read for now.
  var failure: SystemError?
}

/// Rows that were taken and can never be stored, in words for the log.
struct LostRows {
  let count: Int
  let reason: String
}

extension SegmentOwner {
  /// Takes unsettled rows from the front until the room is used up.
  ///
  /// Each segment that rows are taken from is leased to the batch; those leased already are passed
  /// over, and those that cannot be read for now. A segment that will not grow and has no rows left
  /// to read is removed on the way.
  func gather(into gathering: inout Gathering) {
    for segment in segments().queue where !gathering.room.isUsedUp && segment.tryLease() {
      do {
        if try !take(from: segment, into: &gathering) { segment.endLease() }
      } catch {
        segment.endLease()
        gathering.failure = gathering.failure ?? error
      }
    }
  }

  /// Takes rows of a segment that is leased to us; false if there are none.
  private func take(
    from segment: Segment, into gathering: inout Gathering
  ) throws(SystemError) -> Bool {
    // Only who holds the lease takes a segment out of the queue, so from here on this is true.
    // Sealed first, read second: what is committed after the seal was noticed does not exist.
    guard let standing = standing(of: segment) else { return false }
    if segment.drained < segment.committed {
      do throws(SystemError) {
        let memory = try segment.mapped()
        // What was cut off a waiting file is noticed when it is mapped.
        let range = segment.drained..<segment.committed
        let bytes = UnsafeRawBufferPointer(
          start: memory.base + SegmentHeader.bytes + range.lowerBound, count: range.count)
        let (length, rows) = gathering.room.take(bytes)
        if rows > 0 {
          gathering.pieces.append(
            EventBatch.Piece(
              segment: segment, memory: memory, owner: self,
              range: range.lowerBound..<range.lowerBound + length, rowCount: rows))
          return true
        }
        if gathering.room.isUsedUp { return false }
      } catch  where error.isLoss {
        // Below, it is removed like one that is read to its end.
      }
    }
    if standing == .sealed {
      let lost = remove(segment)
      if lost > 0 {
        segment.giveUpRest()
        let reason = "\(segment.path ?? "memory") was deleted, cut short or damaged while it waited"
        gathering.losses.append(LostRows(count: lost, reason: reason))
      }
    }
    return false
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
