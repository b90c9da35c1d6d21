import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One of a few independent places to append to, so that threads do not wait for one another.
///
/// Two threads on one segment were measured at 556 ns an event each, on two segments at 233.
final class Stripe: Sendable {
  private let pool: SegmentPool
  private let state: Mutex<State>
  /// A hint that somebody is inside: to try a taken mutex is a call into the kernel.
  private let isTaken = Atomic(false)

  private struct State {
    /// Where the next row goes; `nil` before the first and after a segment could not be had.
    var active: ActiveSegment?
    /// All segments with unsettled rows, oldest first; the active one, if any, is last.
    var queue = SegmentQueue()
    var random: RandomBits
    var counts = StripeCounts()
    var isClosed = false
  }

  init(pool: SegmentPool) {
    self.pool = pool
    var system = SystemRandomNumberGenerator()
    state = Mutex(State(random: RandomBits(seededFrom: &system)))
  }
}

/// What one stripe has counted since it was made.
struct StripeCounts {
  var tracked = 0
  var dropped = DropCounts()
  /// Rows appended.
  var appended = 0
  /// Rows that are no longer pending.
  var settled = 0

  var pending: Int { appended - settled }
}

/// One event on its way into a stripe.
struct NewRow {
  /// Made from the timestamp if there is none.
  var id: UUIDBits?
  var timestamp: EventTimestamp
  /// Borrowed from the client.
  var context: UnsafePointer<RowContext.Values>
  /// Whether what does not fit is counted as dropped; otherwise the caller waits and comes again.
  var dropsOverflow = true
}

/// Writes the columns and fields of some content.
///
/// The content is a parameter, not something that a closure has captured: capturing copies it, with
/// all its texts' references.
typealias RowBody<Content> = (Content, inout EventFields) -> Void

/// What became of an event.
enum Appended {
  /// It is in the stripe, the so many-th since its beginning.
  case appended(rows: Int)
  case dropped(DropReason)
}

// MARK: - Appending

extension Stripe {
  /// Appends a row, after whoever is inside has left.
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
        // Sealed, so that its room comes back when it is drained.
        state.active = nil
        return drop(row, failure.reason, &state)
      case .success((let segment, var next)):
        outcome = next.append(
          id: id, timestamp: row.timestamp, context: row.context, content, write)
        if outcome == .appended {
          state.active = next
          state.queue.append(segment, firstRow: state.counts.appended)
        } else {
          // The one before has room for smaller events still.
          pool.putBack(segment)
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
    let comesAgain = !row.dropsOverflow && (reason == .full || reason == .unavailable)
    if !comesAgain {
      state.counts.tracked += 1
      state.counts.dropped.add(reason)
    }
    return .dropped(reason)
  }

  /// Begins another segment.
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

// MARK: - What the worker does

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
    }
  }

  func remove(_ segment: Segment) -> Int {
    let lost = state.withLock { state in
      let lost = state.queue.remove(segment, rowCount: state.counts.appended)
      state.counts.settled += lost
      state.counts.dropped.add(.lost, lost)
      return lost
    }
    pool.retire(segment)
    return lost
  }

  /// Brings the so many-th row that was appended to the device, and those around it.
  func sync(row: Int) throws(SystemError) {
    // One that is settled meanwhile need not be.
    guard let segment = state.withLock({ $0.queue.segment(ofRow: row - 1) }) else { return }
    try sync(segment)
  }

  /// Brings what was appended so far to the device.
  ///
  /// - Throws: the first failure, once all segments had their turn. What comes next goes into another
  ///   segment, which may fare better.
  func sync() throws(SystemError) {
    var failure: SystemError?
    // What is unmapped has had its turn before.
    for segment in segments().queue where segment.isMapped {
      do throws(SystemError) { try sync(segment) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func sync(_ segment: Segment) throws(SystemError) {
    do throws(SystemError) { try segment.sync() } catch {
      // Of a segment that was drained meanwhile the file may be gone, and nobody needs it.
      guard standing(of: segment) != nil else { return }
      seal(segment)
      throw error
    }
  }

  /// Seals the active segment if its file is gone: what it holds does not outlive the process.
  func sealDeleted() {
    let (queue, lastIsActive) = segments()
    if lastIsActive, let last = queue.last, !last.isIntact { seal(last) }
  }

  /// Whether no thread is inside.
  var isFree: Bool { state.withLockIfAvailable { _ in true } ?? false }

  /// Removes all segments without unsettled rows.
  func removeWhatIsDrained() {
    sealIfDrained()
    for segment in segments().queue where segment.tryLease() {
      if standing(of: segment) == .sealed, segment.drained == segment.committed {
        _ = remove(segment)
      }
      segment.endLease()
    }
  }

  /// Seals what there is, brings it to the device and gives the room behind its rows back.
  func leave() {
    let segments = state.withLock { state in
      state.active = nil
      return state.queue.segments
    }
    for segment in segments {
      // Nobody can be told any more.
      try? segment.sync()
      segment.trim()
    }
  }

  /// Gives the pages of what waits sealed back to the system.
  func unmapSealed() {
    let (queue, lastIsActive) = segments()
    for segment in lastIsActive ? queue.dropLast() : queue[...] { segment.unmap() }
  }

  private func seal(_ segment: Segment) {
    state.withLock { state in
      if state.queue.last === segment { state.active = nil }
    }
  }

  /// Seals the active segment if nothing waits in it, so that it can be removed.
  func sealIfDrained() {
    state.withLock { state in
      if let last = state.queue.last, last.drained == last.committed { state.active = nil }
    }
  }

  /// Gives up what is in memory, and from now on drops what comes.
  func discard() {
    state.withLock { state in
      let lost = state.counts.pending
      state.counts.settled += lost
      state.counts.dropped.add(.shutdown, lost)
      state.active = nil
      state.queue.removeAll()
      state.isClosed = true
    }
  }
}
