import CAnalyticsPlatform
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// All that lies between `track` and the sink: stripes, the pool of segments, adopted folders, and
/// the books on every event.
final class EventBuffer: @unchecked Sendable {
  let mode: BufferMode
  let pool: SegmentPool
  /// Tells the worker that a batch is ready.
  let batchReady = WakeSignal()
  /// Tells the keeper that dead processes' folders are to be looked for before the next interval.
  let adoptionNeeded = WakeSignal()
  /// Moves on whenever rows are settled or room is made.
  let progress = Progress()
  let stripes: [Stripe]
  /// The same over and over, borrowed: `track` finds its processor's without counting references and
  /// without a division.
  private let lanes: UnsafeMutableBufferPointer<Unmanaged<Stripe>>
  private static let laneCount = 64
  private let batchRows: Int
  /// In which of the processes that a fork makes this buffer is at home.
  let forkCount = analytics_fork_count()
  private let settlement = Mutex(Settlement())
  private let horizon = Mutex(Horizon())

  private struct Settlement {
    var stored = 0
    var duplicates = 0
    var rejected: [RejectReason: Int] = [:]
    var recovered = 0
    var adopted: [AdoptedFolder] = []
    /// Of adopted folders that are finished.
    var lost = 0
    /// Not logged yet.
    var losses: [LostRows] = []
    /// Logged before.
    var knownProblems: Set<String> = []
    var search = SpoolSearch()

    /// - Returns: whether there is room for others now.
    mutating func letGoOfFinished() -> Bool {
      let finished = adopted.filter(\.isFinished)
      lost += finished.reduce(0) { $0 + $1.counts.lost }
      adopted.removeAll(where: \.isFinished)
      return !finished.isEmpty
    }
  }

  /// Makes a buffer whose folder is made when the first event comes.
  init(mode: BufferMode, segmentBytes: Int, batchRows: Int, destination: Destination) {
    self.mode = mode
    self.batchRows = batchRows
    // Each keeps a segment to itself, so with more of them some would never get any.
    let stripeCount = min(Machine.processorCount, 4, max(2, mode.limitBytes / segmentBytes))
    let pool = SegmentPool(
      root: mode.folder, segmentBytes: segmentBytes, limitBytes: mode.limitBytes,
      spares: stripeCount + 2, destination: destination)
    self.pool = pool
    stripes = (0..<stripeCount).map { _ in Stripe(pool: pool) }
    lanes = .allocate(capacity: Self.laneCount)
    for lane in 0..<Self.laneCount {
      (lanes.baseAddress! + lane).initialize(to: .passUnretained(stripes[lane % stripeCount]))
    }
    EndOfProcess.add(self)
  }

  /// Makes the folder and the first segment now, so that an unusable folder is an error now.
  func open() throws(SystemError) { try pool.open() }

  /// Whether this is the process that made the buffer, and not a child that was forked off.
  var isAtHome: Bool { analytics_fork_count() == forkCount }

  deinit {
    EndOfProcess.remove(self)
    leave()
    lanes.deallocate()
  }
}

// MARK: - Appending

extension EventBuffer {
  /// Appends a row to the stripe of this processor, or to the next one that is free.
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

  /// The row is in the segment and will be stored; but a promise that could not be kept is said.
  private func sync(row: Int, _ stripe: Stripe) -> DropReason? {
    do {
      try stripe.sync(row: row)
      return nil
    } catch {
      return .unavailable
    }
  }
}

// MARK: - Batches

extension EventBuffer {
  /// The next rows to store that no other batch holds, `nil` if there are none.
  ///
  /// Until the batch is given to ``release(_:)`` its segments are leased to it; what is not settled
  /// by then comes again.
  func nextBatch(rowsMax: Int, bytesMax: Int) throws(SystemError) -> EventBatch? {
    var gathering = Gathering(room: BatchRoom(rows: rowsMax, bytes: bytesMax))
    let trackedAfter = horizon.withLock { $0.current() }
    for owner in settlement.withLock({ $0.adopted }) { owner.gather(into: &gathering) }
    for stripe in stripes { stripe.gather(into: &gathering) }
    let goesOn = settlement.withLock { settlement in
      settlement.losses += gathering.losses
      return settlement.letGoOfFinished() && settlement.search.hasMore
    }
    if goesOn { adoptionNeeded.set() }
    if !gathering.losses.isEmpty { progress.notify() }
    guard gathering.pieces.isEmpty else {
      var batch = EventBatch(pieces: gathering.pieces)
      if batch.pieces.allSatisfy({ $0.owner is Stripe }) { batch.trackedAfter = trackedAfter }
      return batch
    }
    if let failure = gathering.failure { throw failure }
    return nil
  }

  /// Lets others have the segments of a batch, but for those of a part that is held back.
  func release(_ batch: EventBatch, except held: EventBatch? = nil) {
    for piece in batch.pieces
    where held?.pieces.contains(where: { $0.segment === piece.segment }) != true {
      piece.segment.endLease()
    }
  }

  /// Notes what became of a batch, or of a part of one that begins where unsettled rows begin.
  func settle(_ batch: EventBatch, _ receipt: EventReceipt) {
    settlement.withLock { settlement in
      settlement.stored += receipt.stored
      settlement.duplicates += receipt.duplicates
      settlement.rejected.merge(receipt.rejected, uniquingKeysWith: +)
      for piece in batch.pieces {
        SegmentHeader.drained(piece.memory.base).store(piece.range.upperBound)
        piece.owner.settled(rows: piece.rowCount, in: piece.segment)
      }
    }
    progress.notify()
  }

  var accounting: EventAccounting {
    // While this is held nothing can be settled, and each stripe's counts agree with one another.
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
      return accounting
    }
  }

  /// Whether events are safe here: they outlive the process, and there is ample room for more.
  var canWait: Bool { mode.folder != nil && pool.hasAmpleRoom }

  /// Takes note of the time, so that it is known what was tracked afterwards.
  ///
  /// - Parameter clock: ``EventSink/clock``.
  func note(clock: EventTimestamp?) {
    horizon.withLock { $0.note(clock, now: .now) { marks } }
  }

  /// From now on rows are appended that were tracked elsewhere, at any time.
  func takesOldEvents() { horizon.withLock { $0.giveUp() } }

  /// All that is in the buffer now and was tracked here.
  var marks: [Segment.Mark] { stripes.flatMap { $0.segments().queue.map(\.mark) } }
}

// MARK: - Upkeep

extension EventBuffer {
  /// Prepares and removes segments. Blocks on the file system.
  func upkeep() throws(SystemError) {
    try pool.upkeep()
    progress.notify()
  }

  /// Brings what is committed to the device, unmaps what waits sealed, and seals what somebody has
  /// deleted, so that what comes next goes into a file again.
  ///
  /// - Throws: the first failure, once all others had their turn.
  func syncAndUnmap() throws(SystemError) {
    var failure: SystemError?
    for stripe in stripes {
      do throws(SystemError) { try stripe.sync() } catch { failure = failure ?? error }
      stripe.sealDeleted()
      stripe.unmapSealed()
    }
    if let failure { throw failure }
  }

  /// What was lost since the last time.
  func takeLosses() -> [LostRows] {
    settlement.withLock { settlement in
      defer { settlement.losses = [] }
      return settlement.losses
    }
  }

  /// Gives up what cannot outlive the process, and says how much that was.
  func discardMemory() -> Int {
    guard mode.folder == nil else { return 0 }
    return settlement.withLock { _ in
      let lost = stripes.reduce(0) { $0 + $1.counts.pending }
      for stripe in stripes { stripe.discard() }
      return lost
    }
  }

  /// Removes all segments without unsettled rows. What is tracked afterwards makes new ones.
  func removeWhatIsDrained() {
    guard mode.folder != nil else { return }
    for stripe in stripes { stripe.removeWhatIsDrained() }
    pool.removeUnused()
  }

  /// The end of the process, or of its use of the buffer: one that has drained leaves nothing; another
  /// leaves its folder to the next, on the device and no larger than its rows.
  ///
  /// What others append meanwhile goes into new segments. A stripe that somebody is inside is left as it
  /// is: at the end of the process that may be for ever.
  func leave() {
    guard isAtHome, let home = pool.home else { return }
    for stripe in stripes where stripe.isFree {
      stripe.removeWhatIsDrained()
      stripe.leave()
    }
    pool.removeUnused()
    home.removeIfEmpty()
  }
}

// MARK: - What dead processes left

/// How far the search for what dead processes left has come.
struct SpoolSearch {
  /// Whether somebody has said which installation the sink leads to, or that there is none.
  var isIdentified = false
  /// Whether folders are left for later, since enough are held at one time.
  var hasMore = false
  /// Whether all has been looked at since the installation was known.
  var isComplete = false
}

/// What one look into the spool has found.
struct SpoolFinding {
  /// Folders that were taken over, and the rows in them.
  var folders = 0
  var rows = 0
  /// Whether there are more, for later.
  var hasMore = false
  /// What stays where it is, with the reason, unless that was said before.
  var problems: [String] = []
}

extension EventBuffer {
  var search: SpoolSearch { settlement.withLock { $0.search } }

  /// From now on it is known where rows go: segments tell so, and those that wait are compared.
  ///
  /// - Parameter installation: `nil` if the sink has none.
  func identify(_ installation: UUID?) {
    if let installation {
      pool.identify(installation)
      for segment in stripes.flatMap({ $0.segments().queue }) { segment.note(installation) }
    }
    settlement.withLock { $0.search.isIdentified = true }
  }

  /// Looks for what dead processes left for this destination, and takes over a bounded number of
  /// folders: each keeps a descriptor until it is finished.
  ///
  /// A folder of another user keeps nobody from the rest.
  func adopt() throws(SystemError) -> SpoolFinding {
    guard let root = mode.folder else { return SpoolFinding() }
    var finding = SpoolFinding()
    let own = pool.home?.folder?.path
    let destination = pool.destination
    for name in try Folder.names(in: root) where UUID(uuidString: name) != nil {
      let path = root + "/" + name
      guard path != own else { continue }
      if settlement.withLock({ $0.adopted.count }) >= Self.adoptedFoldersMax {
        finding.hasMore = true
        break
      }
      do throws(SystemError) {
        let adoption = try AdoptedFolder.adopt(path, destination: destination)
        finding.problems += adoption.problems
        settlement.withLock { settlement in
          settlement.losses += adoption.losses
          guard let folder = adoption.folder else { return }
          settlement.recovered += folder.recovered
          settlement.adopted.append(folder)
        }
        if let rows = adoption.folder?.counts.pending, rows > 0 {
          finding.folders += 1
          finding.rows += rows
        }
      } catch {
        // Of descriptors there may be enough again in a moment.
        if error.isOutOfDescriptors { throw error }
        finding.problems.append("\(error)")
      }
    }
    settlement.withLock { settlement in
      finding.problems.removeAll { !settlement.knownProblems.insert($0).inserted }
      settlement.search.hasMore = finding.hasMore
      settlement.search.isComplete = settlement.search.isIdentified && !finding.hasMore
    }
    progress.notify()
    return finding
  }

  /// How many events wait for this destination in folders of the dead that nobody has taken over.
  var eventsLeftToOthers: Int {
    guard let root = mode.folder, let report = try? SpoolReport(folder: root) else { return 0 }
    let destination = pool.destination
    return report.producers.filter { !$0.isAlive }.flatMap(\.pending)
      .filter { destination.isOf($0.destination, $0.installation) }.reduce(0) { $0 + $1.events }
  }

  /// An eighth of the descriptors that the process may have, and not many: the rest is the service's.
  private static let adoptedFoldersMax = max(1, min(16, Machine.descriptorsMax / 8))
}
