import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One of a few independent places for appending, so that threads do not wait for one another.
///
/// Two threads that append to one segment were measured at 556 ns an event each, on two segments at
/// 233 ns.
final class Stripe: Sendable {
  private let pool: SegmentPool
  private let state: Mutex<State>
  /// A hint that a thread is inside: trying a locked mutex would be a system call.
  private let isTaken = Atomic(false)

  private struct State {
    /// The segment that receives the next row; `nil` before the first row and after no segment
    /// could be obtained.
    var active: ActiveSegment?
    /// All segments with unsettled rows, oldest first. The active one, if any, is last.
    var queue = SegmentQueue()
    var random: RandomBits
    var counts = StripeCounts()
    var isClosed = false

    /// Asserts what holds whenever no thread is inside.
    func check() {
      assert(active == nil || queue.last != nil, "the active segment is in the queue")
      assert((0...counts.appended).contains(counts.settled), "no row is settled twice")
      assert(counts.isBalanced, "a tracked event is appended or dropped")
    }
  }

  init(pool: SegmentPool) {
    self.pool = pool
    var system = SystemRandomNumberGenerator()
    state = Mutex(State(random: RandomBits(seededFrom: &system)))
  }
}

/// The counts of one stripe since it was created.
struct StripeCounts {
  var tracked = 0
  var dropped = DropCounts()
  /// The number of rows appended.
  var appended = 0
  /// The number of rows that are no longer pending: settled or given up.
  var settled = 0
  /// The number of rows that were appended and given up. They count as dropped.
  var givenUp = 0

  var pending: Int { appended - settled }

  /// Whether each tracked event was either appended or dropped at once.
  var isBalanced: Bool { tracked == appended + dropped.total - givenUp }

  /// Counts rows that were appended and will never be stored.
  mutating func giveUp(_ rows: Int, _ reason: DropReason) {
    settled += rows
    givenUp += rows
    dropped.add(reason, rows)
  }
}

/// An event to be appended to a stripe.
struct NewRow {
  /// The event's id; if `nil`, one is made from the timestamp.
  var id: UUIDBits?
  var timestamp: EventTimestamp
  /// Borrowed from a ``RowContext``, which the caller keeps alive while the row is appended.
  var context: UnsafePointer<RowContext.Values>
  /// Whether an event that does not fit is counted as dropped. If not, the caller waits and tries
  /// again.
  var dropsOverflow = true
}

/// Writes the columns and fields of some content.
///
/// The content is a parameter and not captured by the closure, because capturing copies it and
/// counts references for all its strings.
typealias RowBody<Content> = (Content, inout EventFields) -> Void

/// The outcome of appending an event.
enum Appended {
  /// The event is in the stripe; `rows` is the number of rows appended so far, including this one.
  case appended(rows: Int)
  case dropped(DropReason)
}

// MARK: - Appending

extension Stripe {
  /// Appends a row, after waiting for the thread that is inside.
  func append<Content>(
    _ row: NewRow, _ content: Content, _ write: RowBody<Content>
  ) -> Appended {
    state.withLock { state in
      isTaken.store(true, ordering: .relaxed)
      defer { isTaken.store(false, ordering: .relaxed) }
      return append(row, to: &state, content, write)
    }
  }

  /// Appends a row; `nil` if another thread is inside.
  @inline(__always)
  func appendIfFree<Content>(
    _ row: NewRow, _ content: Content, _ write: RowBody<Content>
  ) -> Appended? {
    if isTaken.load(ordering: .relaxed) { return nil }
    return state.withLockIfAvailable { state in
      isTaken.store(true, ordering: .relaxed)
      defer { isTaken.store(false, ordering: .relaxed) }
      return append(row, to: &state, content, write)
    }
  }

  @inline(__always)
  private func append<Content>(
    _ row: NewRow, to state: inout State, _ content: Content, _ write: RowBody<Content>
  ) -> Appended {
    let id = row.id ?? EventID.timeOrdered(at: row.timestamp, random: &state.random)
    var outcome =
      state.active?.append(id: id, timestamp: row.timestamp, context: row.context, content, write)
      ?? .segmentFull
    if outcome == .segmentFull {
      switch nextSegment(state) {
      case .failure(let failure):
        // The segment is sealed, so that its room can be reused once it is drained.
        state.active = nil
        return drop(row, failure.reason, &state)
      case .success((let segment, var next)):
        outcome = next.append(
          id: id, timestamp: row.timestamp, context: row.context, content, write)
        if outcome == .appended {
          state.active = next
          state.queue.append(segment, firstRow: state.counts.appended)
          state.check()
        } else {
          // The previous segment stays active: it still has room for smaller events.
          pool.addSpare(segment)
        }
      }
    }
    switch outcome {
    case .appended:
      state.counts.tracked += 1
      state.counts.appended += 1
      return .appended(rows: state.counts.appended)
    case .segmentFull, .tooLarge: return drop(row, .tooLarge, &state)
    case .invalid: return drop(row, .invalid, &state)
    }
  }

  private func drop(_ row: NewRow, _ reason: DropReason, _ state: inout State) -> Appended {
    let isRetried = !row.dropsOverflow && (reason == .full || reason == .unavailable)
    if !isRetried {
      state.counts.tracked += 1
      state.counts.dropped.add(reason)
    }
    return .dropped(reason)
  }

  /// Takes another segment from the pool.
  private func nextSegment(
    _ state: borrowing State
  ) -> Result<(Segment, ActiveSegment), SegmentPool.DropError> {
    if state.isClosed { return .failure(SegmentPool.DropError(reason: .shutdown)) }
    return pool.take().flatMap { segment in
      if let active = try? ActiveSegment(segment) { return .success((segment, active)) }
      pool.retire(segment)
      return .failure(SegmentPool.DropError(reason: .unavailable))
    }
  }
}

// MARK: - Reading and removing

extension Stripe: SegmentOwner {
  var counts: StripeCounts { state.withLock { $0.counts } }

  func segments() -> (queue: [Segment], lastIsActive: Bool) {
    state.withLock { ($0.queue.segments, $0.active != nil) }
  }

  func standing(of segment: Segment) -> SegmentStanding? {
    state.withLock { state in
      guard state.queue.contains(segment) else { return nil }
      return state.active != nil && state.queue.last === segment ? .active : .sealed
    }
  }

  func settled(rows: Int, in segment: Segment) {
    state.withLock { state in
      state.queue.settle(rows, in: segment)
      state.counts.settled += rows
      state.check()
    }
  }

  func remove(_ segment: Segment) -> Int {
    precondition(segment.hasLease, "only the holder of the lease removes a segment")
    let lost = state.withLock { state in
      let lost = state.queue.remove(segment, rowCount: state.counts.appended)
      state.counts.giveUp(lost, .lost)
      state.check()
      return lost
    }
    // Before the pool can begin the segment anew.
    if lost > 0 { segment.giveUpRest() }
    pool.retire(segment)
    return lost
  }

  /// Syncs the row with this number, counted from 1, and the others of its segment.
  func sync(row: Int) throws(SystemError) {
    // A row that was settled meanwhile does not need a sync.
    guard let segment = state.withLock({ $0.queue.segment(ofRow: row - 1) }) else { return }
    try sync(segment)
  }

  /// Syncs all rows appended so far.
  ///
  /// - Throws: The first failure, after all segments were tried. Later rows go into another
  ///   segment, which may not fail.
  func sync() throws(SystemError) {
    var failure: SystemError?
    // Unmapped segments were synced before.
    for segment in segments().queue where segment.isMapped {
      do throws(SystemError) { try sync(segment) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func sync(_ segment: Segment) throws(SystemError) {
    do throws(SystemError) { try segment.sync() } catch {
      // If the segment was drained meanwhile, its file may be gone and is no longer needed.
      guard standing(of: segment) != nil else { return }
      seal(segment)
      throw error
    }
  }

  /// Seals the active segment if its file is gone, because its rows do not outlive the process.
  func sealDeleted() {
    let (queue, lastIsActive) = segments()
    if lastIsActive, let last = queue.last, !last.isIntact { seal(last) }
  }

  /// Whether no thread is inside.
  var isFree: Bool { state.withLockIfAvailable { _ in true } ?? false }

  /// Removes all segments without unsettled rows.
  func removeDrainedSegments() {
    sealIfDrained()
    for segment in segments().queue where segment.tryLease() {
      if standing(of: segment) == .sealed, segment.drained == segment.committed {
        _ = remove(segment)
      }
      segment.endLease()
    }
  }

  /// Seals the active segment, syncs all segments and frees the space behind their rows.
  func sealSyncAndTrim() {
    let segments = state.withLock { state in
      state.active = nil
      return state.queue.segments
    }
    for segment in segments {
      // There is no caller left to report an error to.
      try? segment.sync()
      segment.trim()
    }
  }

  /// Unmaps the sealed segments.
  func unmapSealed() {
    let (queue, lastIsActive) = segments()
    for segment in lastIsActive ? queue.dropLast() : queue[...] { segment.unmap() }
  }

  private func seal(_ segment: Segment) {
    state.withLock { state in
      if state.queue.last === segment { state.active = nil }
    }
  }

  /// Seals the active segment if it has no unsettled rows, so that it can be removed.
  func sealIfDrained() {
    state.withLock { state in
      if let last = state.queue.last, last.drained == last.committed { state.active = nil }
    }
  }

  /// Drops all rows, and every later one. Only in memory mode.
  func discard() {
    state.withLock { state in
      state.counts.giveUp(state.counts.pending, .shutdown)
      state.active = nil
      state.queue.removeAll()
      state.isClosed = true
      state.check()
    }
  }
}
