import CAnalyticsPlatform
import Synchronization

/// The buffer between `track` and the sink: stripes, the pool of segments, adopted directories, and
/// the counts of all events.
///
/// A row is settled once it is stored, or counts as a duplicate or as rejected. The buffer knows no
/// sink: it hands out rows, and is told their outcome. Its owner closes it by ``close()``.
///
/// `@unchecked Sendable` because of `lanes`: that memory is written only in `init` and freed only
/// in `deinit`, and `stripes` keeps the objects behind its unretained references alive. All other
/// state is immutable or guarded by a mutex.
final class EventBuffer: @unchecked Sendable {
  let mode: BufferMode
  let pool: SegmentPool
  /// Wakes the worker when a batch is ready.
  let batchReady = WakeSignal()
  /// Wakes spool maintenance to search for directories of dead processes before the next interval.
  let adoptionNeeded = WakeSignal()
  /// Notified when rows are settled, and when there may be room again.
  let progress = Progress()
  let stripes: [Stripe]
  /// `stripes`, repeated and unretained: `track` finds the stripe of its processor without
  /// reference counting and without a division.
  private let lanes: UnsafeMutableBufferPointer<Unmanaged<Stripe>>
  private static let laneCount = 64
  private let batchRows: Int
  /// The fork count of the process that made the buffer. See ``isInOwnProcess``.
  let forkCount = analytics_fork_count()
  private let isClosed = Atomic(false)
  let settlement = Mutex(Settlement())
  private let trackedAfterEstimate = Mutex(TrackedAfterEstimate())

  /// The counts of settled rows, and the adopted directories.
  struct Settlement {
    var stored = 0
    var duplicates = 0
    var rejected: [RejectReason: Int] = [:]
    var recovered = 0
    var adopted: [AdoptedDirectory] = []
    /// Lost rows of adopted directories that are finished.
    var lost = 0
    /// Losses that are not logged yet.
    var losses: [LostRows] = []
    /// Problems that were already logged.
    var knownProblems: Set<String> = []
    var search = SpoolSearch()

    /// Forgets adopted directories that are finished.
    ///
    /// - Returns: Whether there were any, so that others can be adopted.
    mutating func forgetFinished() -> Bool {
      let finished = adopted.filter(\.isFinished)
      lost += finished.reduce(0) { $0 + $1.counts.lost }
      // Not by asking again: another writer may finish a directory meanwhile.
      adopted.removeAll { directory in finished.contains { $0 === directory } }
      return !finished.isEmpty
    }
  }

  /// Creates a buffer; its directory is created with the first event.
  init(mode: BufferMode, segmentBytes: Int, batchRows: Int, destination: Destination) {
    self.mode = mode
    self.batchRows = batchRows
    // Each stripe occupies a segment: with more stripes than the limit has segments, some would
    // never get one.
    let stripeCount = min(Machine.processorCount, 4, max(2, mode.limitBytes / segmentBytes))
    let pool = SegmentPool(
      root: mode.directory, segmentBytes: segmentBytes, limitBytes: mode.limitBytes,
      spares: stripeCount + 2, destination: destination)
    self.pool = pool
    stripes = (0..<stripeCount).map { _ in Stripe(pool: pool) }
    lanes = .allocate(capacity: Self.laneCount)
    for lane in 0..<Self.laneCount {
      (lanes.baseAddress! + lane).initialize(to: .passUnretained(stripes[lane % stripeCount]))
    }
    EndOfProcess.add(self)
  }

  /// Creates the directory and the first segment now, so that an unusable directory is reported
  /// now.
  func open() throws(SystemError) { try pool.open() }

  /// Whether this is the process that made the buffer, and not a forked child.
  var isInOwnProcess: Bool { analytics_fork_count() == forkCount }

  deinit {
    assert(isClosed.load(ordering: .relaxed) || !isInOwnProcess, "the owner closes the buffer")
    EndOfProcess.remove(self)
    lanes.deallocate()
  }
}

// MARK: - Appending

extension EventBuffer {
  /// Appends a row to the stripe of this processor or, if that is busy, to the next free one.
  @inline(__always)
  func append<Content>(
    _ row: NewRow, _ content: Content, _ write: RowBody<Content>
  ) -> DropReason? {
    var lane = Int(analytics_lane())
    var stripe = lanes[lane % Self.laneCount]
    for _ in 0..<stripes.count {
      let appended = stripe._withUnsafeGuaranteedRef { $0.appendIfFree(row, content, write) }
      if let appended { return finish(appended, stripe) }
      lane &+= 1
      stripe = lanes[lane % Self.laneCount]
    }
    return finish(
      stripe._withUnsafeGuaranteedRef { $0.append(row, content, write) }, stripe)
  }

  @inline(__always)
  private func finish(_ appended: Appended, _ stripe: Unmanaged<Stripe>) -> DropReason? {
    switch appended {
    case .dropped(let reason): return reason
    case .appended(let rows):
      if rows % batchRows == 0 { batchReady.set() }
      if mode.syncsEachEvent { return sync(row: rows, stripe.takeUnretainedValue()) }
      return nil
    }
  }

  /// Syncs a row that was appended. If that fails, the row is kept and will be stored; the caller
  /// learns that the sync failed.
  private func sync(row: Int, _ stripe: Stripe) -> DropReason? {
    do {
      try stripe.sync(row: row)
      return nil
    } catch {
      return .unavailable
    }
  }
}

// MARK: - Handing out rows

extension EventBuffer {
  /// Returns the next rows to store that no other writer has leased; `nil` if there are none.
  ///
  /// With them comes an instant of the database's clock after which all of them were certainly
  /// tracked; `nil` if none is known.
  ///
  /// The segments of the rows are leased until ``release(_:except:)``. Rows that are not settled by
  /// then come again.
  func nextRows(
    rowsMax: Int, bytesMax: Int
  ) throws(SystemError) -> (rows: BufferedRows, trackedAfter: EventTimestamp?)? {
    var gathering = Gathering(room: BatchRoom(rows: rowsMax, bytes: bytesMax))
    let trackedAfter = trackedAfterEstimate.withLock { $0.current() }
    for owner in settlement.withLock({ $0.adopted }) { owner.gather(into: &gathering) }
    for stripe in stripes { stripe.gather(into: &gathering) }
    let canAdoptMore = settlement.withLock { settlement in
      settlement.losses += gathering.losses
      return settlement.forgetFinished() && settlement.search.hasMore
    }
    if canAdoptMore { adoptionNeeded.set() }
    if !gathering.losses.isEmpty { progress.notify() }
    guard gathering.pieces.isEmpty else {
      let isOwn = gathering.pieces.allSatisfy { $0.owner is Stripe }
      return (
        rows: BufferedRows(pieces: gathering.pieces), trackedAfter: isOwn ? trackedAfter : nil
      )
    }
    if let failure = gathering.failure { throw failure }
    return nil
  }

  /// Ends the leases of rows, except on segments of a part that is held back.
  func release(_ rows: BufferedRows, except held: BufferedRows? = nil) {
    for piece in rows.pieces
    where held?.pieces.contains(where: { $0.segment === piece.segment }) != true {
      piece.segment.endLease()
    }
  }

  /// Records the outcome of rows. The numbers add up to the number of rows.
  ///
  /// The caller holds the leases, and each piece starts at the first unsettled row of its segment.
  func settle(
    _ rows: BufferedRows, stored: Int, duplicates: Int, rejected: [RejectReason: Int]
  ) {
    assert(
      stored + duplicates + rejected.values.reduce(0, +) == rows.rowCount,
      "each row is settled in one way")
    settlement.withLock { settlement in
      settlement.stored += stored
      settlement.duplicates += duplicates
      settlement.rejected.merge(rejected, uniquingKeysWith: +)
      for piece in rows.pieces {
        piece.segment.settle(piece.range, in: piece.memory)
        piece.owner.settled(rows: piece.rowCount, in: piece.segment)
      }
    }
    progress.notify()
  }

  var accounting: EventAccounting {
    // Nothing can be settled while this lock is held, and the counts of each stripe are consistent
    // with one another.
    settlement.withLock { settlement in
      var accounting = EventAccounting()
      for counts in stripes.map(\.counts) {
        accounting.tracked += counts.tracked
        accounting.pending += counts.pending
        counts.dropped.add(to: &accounting.dropped)
      }
      accounting.stored = settlement.stored
      accounting.duplicates = settlement.duplicates
      accounting.rejected = settlement.rejected
      accounting.recovered = settlement.recovered
      var lost = settlement.lost
      for counts in settlement.adopted.map(\.counts) {
        accounting.pending += counts.pending
        lost += counts.lost
      }
      if lost > 0 { accounting.dropped[.lost, default: 0] += lost }
      assert(accounting.isBalanced, "each event is in one count")
      return accounting
    }
  }

  /// Whether events can wait here safely: they outlive the process, and there is ample room for
  /// more.
  var canWait: Bool { mode.directory != nil && pool.hasAmpleRoom }

  /// Records a reading of the database's clock, so that rows tracked after it can be recognised.
  /// See ``TrackedAfterEstimate``.
  ///
  /// - Parameter clock: The latest reading; `nil` if there is none.
  func note(clock: EventTimestamp?) {
    trackedAfterEstimate.withLock { $0.note(clock, now: .now) { marks } }
  }

  /// From now on the buffer also receives rows that were tracked elsewhere, at any time.
  func stopTrackedAfter() { trackedAfterEstimate.withLock { $0.stop() } }

  /// Marks of all rows that are now in the buffer, without adopted ones.
  var marks: [Segment.Mark] { stripes.flatMap { $0.segments().queue.map(\.mark) } }
}

// MARK: - Preparing, syncing and removing

extension EventBuffer {
  /// Prepares spare segments, and removes those that are not needed. Blocks on the file system; only
  /// spool maintenance calls it.
  func prepareSegments() throws(SystemError) {
    try pool.prepareSegments()
    progress.notify()
  }

  /// Syncs committed rows to the device, seals active segments whose file was deleted (so that
  /// further rows go into a new file), and unmaps sealed segments.
  ///
  /// - Throws: The first failure, after all stripes were tried.
  func syncAndUnmap() throws(SystemError) {
    var failure: SystemError?
    for stripe in stripes {
      do throws(SystemError) { try stripe.sync() } catch { failure = failure ?? error }
      stripe.sealDeleted()
      stripe.unmapSealed()
    }
    if let failure { throw failure }
  }

  /// Returns the losses since the last call.
  func takeLosses() -> [LostRows] {
    settlement.withLock { settlement in
      defer { settlement.losses = [] }
      return settlement.losses
    }
  }

  /// Drops all events in memory mode, and returns how many there were.
  func discardMemory() -> Int {
    guard mode.directory == nil else { return 0 }
    return settlement.withLock { _ in
      let lost = stripes.reduce(0) { $0 + $1.counts.pending }
      for stripe in stripes { stripe.discard() }
      return lost
    }
  }

  /// Removes all segments without unsettled rows. Later events get new segments.
  func removeDrainedSegments() {
    guard mode.directory != nil else { return }
    for stripe in stripes { stripe.removeDrainedSegments() }
    pool.removeUnused()
  }

  /// Leaves the spool in order at the end of the process or of the buffer. If all rows are settled,
  /// the directory is removed; otherwise its rows are synced and unused space is freed.
  ///
  /// May be called again: then it does the same for rows that were appended since. Does nothing in
  /// a forked child, because the files are the parent's.
  ///
  /// Rows that other threads append meanwhile go into new segments. A stripe that is in use is
  /// skipped, because at the end of the process its thread may never leave it.
  func close() {
    isClosed.store(true, ordering: .relaxed)
    guard isInOwnProcess, let home = pool.home else { return }
    for stripe in stripes where stripe.isFree {
      stripe.removeDrainedSegments()
      stripe.sealSyncAndTrim()
    }
    pool.removeUnused()
    home.removeIfEmpty()
  }
}
