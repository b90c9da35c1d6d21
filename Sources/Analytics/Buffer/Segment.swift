import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A segment of mapped memory or a mapped file: a header page, then data to which rows are
/// appended.
///
/// Three parties share a segment and meet only in its two counters:
/// - The thread that holds the stripe's lock appends rows, and stores `committed` with release
///   order after each. Bytes below `committed` do not change until the segment is begun anew.
/// - The holder of the lease reads rows from the front, stores `drained`, and alone removes the
///   segment from its owner's queue.
/// - Syncing and unmapping may happen on any thread: `progress` and `state` are locked for them.
///
/// A segment is begun anew only after it was removed from its owner's queue, when all its rows are
/// settled or lost.
///
/// Checks that a damaged file can make false are assertions, so that they end debug builds only:
/// another program can damage a file, and the service must go on.
final class Segment: Sendable {
  /// The path of the file; `nil` for memory of this process alone.
  let path: String?
  /// The size of the data area in bytes.
  let capacity: Int
  private let state: Mutex<State>
  /// Held for the duration of a sync, so that concurrent callers share it.
  private let progress: Mutex<SyncProgress>
  private let isLeased = Atomic(false)

  private struct State {
    /// The generation: the sequence in the header, which changes on reuse; 0 once the rest was
    /// given up.
    var generation: UInt64 = 0
    /// The number of bytes of settled rows. The header has a copy for the process that finds the
    /// file after the death of this one.
    var drained = 0
    /// `nil` while a sealed segment is unmapped.
    var memory: MappedMemory?
    /// The counter of committed bytes, valid only while the segment is unmapped.
    var committed = 0

    mutating func unmap() {
      guard let memory else { return }
      committed = SegmentHeader.committed(memory.base).load()
      self.memory = nil
    }
  }

  private struct SyncProgress {
    /// The number of bytes and of rows that the last sync brought to the device.
    var length = 0
    var rows = 0
    var isRetired = false
    /// Whether the directory entry of the file is on the device.
    var isEntered = false
    /// The first failure of the device. Once it has failed, no later sync of this generation
    /// succeeds.
    var failure: SystemError?
  }

  init(path: String?, memory: MappedMemory) {
    self.path = path
    capacity = memory.count - SegmentHeader.bytes
    state = Mutex(State(memory: memory))
    progress = Mutex(SyncProgress())
  }

  /// Creates a segment from an orphaned one. Its pages are mapped when they are needed.
  init(_ orphan: OrphanedSegment) {
    path = orphan.path
    capacity = orphan.capacity
    state = Mutex(State(drained: orphan.drained, memory: nil, committed: orphan.committed))
    progress = Mutex(SyncProgress())
  }

  /// Empties the segment for a new generation. The segment must be in no queue, and none of its
  /// rows in use. The lock of `progress` excludes a late sync.
  func begin(_ header: SegmentHeader) throws(SystemError) {
    let memory = try mapped()
    assert(memory.count == capacity + SegmentHeader.bytes, "an emptied segment is whole")
    progress.withLock { progress in
      header.write(to: memory.base)
      progress = SyncProgress(isEntered: progress.isEntered)
    }
    state.withLock { ($0.generation, $0.drained) = (header.sequence, 0) }
  }
}

// MARK: - Leases and marks

extension Segment {
  /// Takes the lease, the exclusive right to read and settle rows; `false` if another holds it.
  func tryLease() -> Bool { !isLeased.exchange(true, ordering: .acquiring) }

  func endLease() {
    let wasLeased = isLeased.exchange(false, ordering: .releasing)
    precondition(wasLeased, "only the holder ends a lease, and only once")
  }

  /// Whether the lease is held. Only the holder can rely on the answer.
  var hasLease: Bool { isLeased.load(ordering: .relaxed) }

  /// The rows that a segment held at one moment.
  struct Mark: Sendable {
    fileprivate let segment: Segment
    fileprivate let generation: UInt64
    fileprivate let committed: Int
  }

  var mark: Mark {
    Mark(segment: self, generation: state.withLock { $0.generation }, committed: committed)
  }
}

extension Segment.Mark {
  /// Whether all rows of that moment are settled or lost. A new generation implies it, because a
  /// segment is emptied before it is begun anew.
  var isSettled: Bool {
    segment.state.withLock { $0.generation } != generation || segment.drained >= committed
  }
}

extension Segment {
  /// Gives up rows that cannot be read: marks of this generation count as settled.
  func giveUpRest() { state.withLock { $0.generation = 0 } }
}

// MARK: - Mapping

extension Segment {
  /// Returns the segment's pages, mapping them if necessary. They stay mapped for as long as the
  /// result is held.
  ///
  /// If the file was truncated while it was unmapped, only the remaining pages are mapped: access
  /// to others would end the process with SIGBUS.
  ///
  /// - Throws: `SystemError`; ``SystemError/isLoss`` is true if nothing is left of the file.
  func mapped() throws(SystemError) -> MappedMemory {
    try state.withLock { state throws(SystemError) in
      if let memory = state.memory { return memory }
      let file = try OpenFile(path ?? "")
      let bytes = min(try file.size(), capacity + SegmentHeader.bytes)
      guard bytes > SegmentHeader.bytes else { throw SystemError.nothingLeft(of: file.path) }
      let memory = try MappedMemory(sharing: file, bytes: bytes)
      // The counter noted when the segment was unmapped replaces that of the file, which may have
      // been changed since. If the file was truncated, only its remaining bytes count. A noted
      // counter that is out of range was damaged before, and stays so.
      let isInRange = (0...capacity).contains(state.committed)
      SegmentHeader.committed(memory.base).store(
        isInRange ? min(state.committed, bytes - SegmentHeader.bytes) : state.committed)
      state.memory = memory
      return memory
    }
  }

  /// Whether the file still exists at its path, with its original length. Always true in memory.
  var isIntact: Bool {
    path.map { Directory.sizeOfFile($0) == capacity + SegmentHeader.bytes } ?? true
  }

  /// Unmaps a sealed segment while it waits to be stored.
  ///
  /// Does nothing while a batch or a stripe holds the pages, because they still change the counters
  /// in them and the noted ones would be outdated. Does nothing if the file was deleted, because
  /// the pages are then all that is left.
  func unmap() {
    guard isMapped, isIntact else { return }
    state.withLock { state in
      guard path != nil, isKnownUniquelyReferenced(&state.memory) else { return }
      state.unmap()
    }
  }

  /// Releases the pages of a segment that is no longer needed. Its counters can still be read.
  func releasePages() { state.withLock { $0.unmap() } }

  var isMapped: Bool { state.withLock { $0.memory != nil } }

  /// The number of bytes of whole rows.
  var committed: Int {
    state.withLock { $0.memory.map { SegmentHeader.committed($0.base).load() } ?? $0.committed }
  }

  /// The number of bytes of settled rows.
  var drained: Int { state.withLock { $0.drained } }

  /// The range of the unsettled rows in `memory`, which holds the segment's pages.
  ///
  /// Empty if the file was truncated below them, or if another program damaged the counter of
  /// committed bytes so that it is out of range.
  func unsettled(in memory: MappedMemory) -> Range<Int> {
    let (drained, committed) = (drained, committed)
    guard drained < committed, committed <= memory.count - SegmentHeader.bytes else { return 0..<0 }
    return drained..<committed
  }

  /// Records that rows are settled. They begin at the first unsettled row. The caller holds the
  /// lease.
  func settle(_ rows: Range<Int>, in memory: MappedMemory) {
    assert(hasLease, "only the holder of the lease settles rows")
    assert(rows.upperBound <= committed, "only committed rows are settled")
    state.withLock { state in
      assert(state.drained == rows.lowerBound, "rows are settled in the order of their segment")
      state.drained = rows.upperBound
      SegmentHeader.drained(memory.base).store(rows.upperBound)
    }
  }
}

// MARK: - Preparing for adoption

extension Segment {
  /// Records the installation that the rows are for.
  func note(_ installation: UUID) {
    guard path != nil, let memory = try? mapped() else { return }
    SegmentHeader.note(installation: installation, in: memory.base)
  }

  /// Frees the space between the rows and their table. Call only on a sealed segment: see
  /// ``MappedMemory/freeBlocks(_:)``.
  func trim() {
    guard path != nil, let memory = try? mapped(), memory.count == capacity + SegmentHeader.bytes
    else { return }
    let committed = SegmentHeader.committed(memory.base).load()
    // Otherwise another program has damaged the counter.
    if (0...capacity).contains(committed) { memory.trim(behind: committed) }
  }
}

// MARK: - Syncing

extension Segment {
  /// Ends this generation, so that a late sync does nothing. Returns `false` while a sync is in
  /// progress, because beginning the segment anew would then wait for the disk.
  func retire() -> Bool { progress.withLockIfAvailable { $0.isRetired = true } != nil }

  /// Syncs all rows committed so far to the device.
  ///
  /// A caller that arrives during another sync waits for it, and then mostly finds nothing left to
  /// do.
  func sync() throws(SystemError) {
    guard path != nil else { return }
    let memory = try mapped()
    try progress.withLock { progress throws(SystemError) in
      let length = SegmentHeader.committed(memory.base).load()
      guard length > progress.length, !progress.isRetired else { return }
      if let failure = progress.failure { throw failure }
      // Another program has damaged the counter.
      guard SegmentHeader.bytes <= memory.count - length else {
        throw SystemError.nothingLeft(of: path ?? "")
      }
      do throws(SystemError) { try sync(to: length, memory, &progress) } catch {
        // The kernel reports a failed write only once: the next sync would succeed wrongly.
        if error.isOfDevice { progress.failure = error }
        throw error
      }
    }
  }

  private func sync(
    to length: Int, _ memory: MappedMemory, _ progress: inout SyncProgress
  ) throws(SystemError) {
    if !progress.isEntered, let path, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
      try Directory.sync(String(path[..<slash]))
      progress.isEntered = true
    }
    assert(progress.length < length, "only a sync that has something to do comes here")
    // Rows are counted in the data. The table does not tell how many there are: behind their
    // entries it may have entries of an earlier generation.
    let data = UnsafeRawBufferPointer(start: memory.base + SegmentHeader.bytes, count: length)
    let rows = progress.rows + Self.wholeRows(data.slice(progress.length..<length)).rows
    let entry = RowTable.entryBytes
    let table = memory.count - rows * entry..<memory.count - progress.rows * entry
    // A truncated file has lost its table, and rows may lie in its place.
    assert(
      memory.count < capacity + SegmentHeader.bytes
        || SegmentHeader.bytes + length <= table.lowerBound,
      "rows and their table do not overlap")
    // Pages without rows are not synced: after a sync they would have to be made writable again for
    // `track`.
    try memory.sync(0..<SegmentHeader.bytes + length)
    try memory.sync(table)
    // A deleted file can be synced as well, but its rows could not be found again.
    guard isIntact else { throw SystemError.nothingLeft(of: path ?? "") }
    (progress.length, progress.rows) = (length, rows)
  }
}

extension MappedMemory {
  /// Frees the space between a segment's rows and their table.
  func trim(behind rows: Int) {
    let end = count - RowTable.bytesMax(ofRows: rows)
    if SegmentHeader.bytes + rows < end { freeBlocks(SegmentHeader.bytes + rows..<end) }
  }
}

// MARK: - Rows

extension Segment {
  /// Returns the size in bytes and the number of the well-formed rows at the start of `bytes`.
  ///
  /// A row ends with the closing brace of its JSON; a row whose end never reached the file is
  /// excluded.
  static func wholeRows(_ bytes: UnsafeRawBufferPointer) -> (length: Int, rows: Int) {
    var offset = 0
    var rows = 0
    while offset < bytes.count,
      let length = RowLayout.rowLength(bytes.slice(offset..<bytes.count)),
      bytes[offset + length - 1] == UInt8(ascii: "}")
    {
      offset += length
      rows += 1
    }
    return (offset, rows)
  }
}
