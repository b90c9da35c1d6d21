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
  /// Moves on whenever rows are settled or room is made.
  let progress = Progress()
  let stripes: [Stripe]
  /// The same, borrowed: `track` finds its stripe without counting references.
  private let lanes: UnsafeMutableBufferPointer<Unmanaged<Stripe>>
  private let batchRows: Int
  private let destination: String
  private let settlement = Mutex(Settlement())

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

    mutating func letGoOfFinished() {
      lost += adopted.filter(\.isFinished).reduce(0) { $0 + $1.counts.lost }
      adopted.removeAll(where: \.isFinished)
    }
  }

  init(
    mode: BufferMode, segmentBytes: Int, batchRows: Int, destination: String
  ) throws(SystemError) {
    self.mode = mode
    self.batchRows = batchRows
    self.destination = destination
    // Each keeps a segment to itself, so with more of them some would never get any.
    let stripeCount = min(Machine.processorCount, 4, max(2, mode.limitBytes / segmentBytes))
    let pool = try SegmentPool(
      folder: try mode.folder.map { path throws(SystemError) in try SpoolFolder(root: path) },
      segmentBytes: segmentBytes, limitBytes: mode.limitBytes, spares: stripeCount + 2,
      destination: destination)
    self.pool = pool
    stripes = (0..<stripeCount).map { _ in Stripe(pool: pool) }
    lanes = .allocate(capacity: stripeCount)
    _ = lanes.initialize(from: stripes.map(Unmanaged.passUnretained))
  }

  /// A process that ends without having drained leaves its folder to the next; one that has
  /// drained leaves nothing.
  deinit {
    removeWhatIsDrained()
    if let folder = pool.folder { SpoolFolder.removeIfEmpty(folder.path) }
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
    var lane = Int(analytics_lane()) % lanes.count
    for _ in 0..<lanes.count {
      let appended = lanes[lane]._withUnsafeGuaranteedRef { $0.appendIfFree(row, content, write) }
      if let appended { return finish(appended, lane) }
      lane = lane + 1 == lanes.count ? 0 : lane + 1
    }
    return finish(stripes[lane].append(row, content, write), lane)
  }

  @inline(__always)
  private func finish(_ appended: Appended, _ lane: Int) -> DropReason? {
    switch appended {
    case .dropped(let reason): return reason
    case .appended(let rows):
      if rows % batchRows == 0 { batchReady.set() }
      if mode.syncsEachEvent { return sync(stripes[lane]) }
      return nil
    }
  }

  /// The row is in the segment and will be stored; but a promise that could not be kept is said.
  private func sync(_ stripe: Stripe) -> DropReason? {
    do {
      try stripe.sync()
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
    for owner in settlement.withLock({ $0.adopted }) { owner.gather(into: &gathering) }
    for stripe in stripes { stripe.gather(into: &gathering) }
    settlement.withLock { settlement in
      settlement.losses += gathering.losses
      settlement.letGoOfFinished()
    }
    if !gathering.losses.isEmpty { progress.notify() }
    guard gathering.pieces.isEmpty else { return EventBatch(pieces: gathering.pieces) }
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

  /// Brings what is committed to the device, and unmaps what waits sealed.
  ///
  /// - Throws: the first failure, once all others had their turn.
  func syncAndUnmap() throws(SystemError) {
    var failure: SystemError?
    for stripe in stripes {
      do throws(SystemError) { try stripe.sync() } catch { failure = failure ?? error }
      stripe.unmapSealed()
    }
    if let failure { throw failure }
  }

  /// Looks for what dead processes left for this destination.
  ///
  /// - Returns: how many rows each folder that was taken over holds, and what stays where it is, with
  ///   the reason, unless that was said before: a folder of another user keeps nobody from
  ///   the rest.
  func adopt() throws(SystemError) -> (found: [Int], problems: [String]) {
    guard let root = mode.folder else { return ([], []) }
    var found: [Int] = []
    var problems: [String] = []
    for name in try Folder.names(in: root) where UUID(uuidString: name) != nil {
      let path = root + "/" + name
      guard path != pool.folder?.path else { continue }
      do {
        let adoption = try AdoptedFolder.adopt(path, destination: destination)
        problems += adoption.problems
        settlement.withLock { settlement in
          settlement.losses += adoption.losses
          guard let folder = adoption.folder else { return }
          settlement.recovered += folder.recovered
          settlement.adopted.append(folder)
        }
        if let rows = adoption.folder?.counts.pending, rows > 0 { found.append(rows) }
      } catch {
        problems.append("\(error)")
      }
    }
    return settlement.withLock { settlement in
      (found, problems.filter { settlement.knownProblems.insert($0).inserted })
    }
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
    for stripe in stripes {
      stripe.sealIfDrained()
      for segment in stripe.segments().queue where segment.tryLease() {
        if stripe.standing(of: segment) == .sealed, segment.drained == segment.committed {
          _ = stripe.remove(segment)
        }
        segment.endLease()
      }
    }
    pool.removeUnused()
  }
}
