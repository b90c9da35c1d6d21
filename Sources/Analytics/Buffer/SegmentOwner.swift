/// The owner of a queue of segments with unsettled rows: a stripe, or an adopted directory.
protocol SegmentOwner: AnyObject, Sendable {
  /// Returns the segments, oldest first, and whether the last one may still grow.
  func segments() -> (queue: [Segment], lastIsActive: Bool)

  /// Returns the standing of a segment; `nil` if it is no longer in the queue.
  func standing(of segment: Segment) -> SegmentStanding?

  /// Records that rows are settled. The caller holds the segment's lease.
  func settled(rows: Int, in segment: Segment)

  /// Removes a sealed segment from the queue. The caller holds the segment's lease.
  ///
  /// - Returns: The number of its rows that were not settled; they are counted as lost.
  func remove(_ segment: Segment) -> Int
}

enum SegmentStanding {
  /// Rows may still be appended.
  case active
  /// No more rows will be appended.
  case sealed
}

/// A batch that is being gathered, with the problems found meanwhile.
struct Gathering {
  var room: BatchRoom
  var pieces: [BufferedRows.Piece] = []
  var losses: [LostRows] = []
  /// The error of the first segment that was skipped because it cannot be read now.
  var failure: SystemError?
}

/// Rows that were accepted and can never be stored, with the reason for the log.
struct LostRows {
  let count: Int
  let reason: String
}

extension SegmentOwner {
  /// Takes unsettled rows, oldest first, until the batch is full.
  ///
  /// Each segment from which rows are taken is leased to the batch. Segments that are already
  /// leased or cannot be read now are skipped. A sealed segment without rows left to read is
  /// removed.
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

  /// Takes rows of a segment whose lease the caller holds; returns `false` if there are none.
  private func take(
    from segment: Segment, into gathering: inout Gathering
  ) throws(SystemError) -> Bool {
    // Only the holder of the lease removes a segment from the queue, so a segment in the queue
    // stays there. `standing` is read before `committed`: once a segment is sealed, `committed` no
    // longer grows.
    guard let standing = standing(of: segment) else { return false }
    if segment.drained < segment.committed {
      do throws(SystemError) {
        let memory = try segment.mapped()
        // Mapping a truncated file reduces `committed`, also below what is settled. So the counters
        // are read after it.
        let range = segment.unsettled(in: memory)
        let bytes = UnsafeRawBufferPointer(
          start: memory.base + SegmentHeader.bytes + range.lowerBound, count: range.count)
        let (length, rows) = gathering.room.take(bytes)
        if rows > 0 {
          gathering.pieces.append(
            BufferedRows.Piece(
              segment: segment, memory: memory, owner: self,
              range: range.lowerBound..<range.lowerBound + length, rowCount: rows))
          return true
        }
        if gathering.room.isUsedUp { return false }
      } catch  where error.isLoss {
        // The segment is removed below, like one without rows left.
      }
    }
    if standing == .sealed {
      let lost = remove(segment)
      if lost > 0 {
        let reason =
          "\(segment.path ?? "memory") was deleted, truncated or damaged while its events waited"
        gathering.losses.append(LostRows(count: lost, reason: reason))
      }
    }
    return false
  }
}

/// The room left in a batch.
struct BatchRoom {
  var rows: Int
  var bytes: Int

  private var isEmpty = true

  init(rows: Int, bytes: Int) { (self.rows, self.bytes) = (rows, bytes) }

  var isUsedUp: Bool { rows <= 0 || bytes <= 0 }

  /// Takes as many whole rows from the start of `source` as fit. The first row of a batch always
  /// fits.
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
