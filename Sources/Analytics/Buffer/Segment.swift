import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A bounded run of rows in mapped memory: a header page, then data that only grows.
///
/// One thread at a time appends (whoever holds the stripe's lock); one writer at a time, the holder
/// of the lease, reads and settles from the front; the keeper syncs. They meet only in the two
/// counters of the header.
final class Segment: Sendable {
  /// Where the file is; `nil` for memory of this process alone.
  let path: String?
  /// Bytes of data that fit.
  let capacity: Int
  private let state: Mutex<State>
  /// Held for as long as a sync takes, so that callers who wait for one another share it.
  private let progress: Mutex<SyncProgress>
  private let isLeased = Atomic(false)

  private struct State {
    /// Which of the segment's lives this is.
    var life: UInt64 = 0
    /// `nil` while a sealed segment waits unmapped.
    var memory: MappedMemory?
    /// The counters of an unmapped segment.
    var committed = 0
    var drained = 0

    mutating func unmap() {
      guard let memory else { return }
      committed = SegmentHeader.committed(memory.base).load()
      drained = SegmentHeader.drained(memory.base).load()
      self.memory = nil
    }
  }

  private struct SyncProgress {
    /// The bytes of the rows that the last sync brought to the device, and how many these were.
    var length = 0
    var rows = 0
    var isRetired = false
    /// Whether the folder's entry for the file is on the device.
    var isEntered = false
    /// What the device once refused is never believed to be on it.
    var failure: SystemError?
  }

  init(path: String?, memory: MappedMemory) {
    self.path = path
    capacity = memory.count - SegmentHeader.bytes
    state = Mutex(State(memory: memory))
    progress = Mutex(SyncProgress())
  }

  /// What some process left behind; its pages are mapped when they are needed.
  init(_ left: LeftSegment) {
    path = left.path
    capacity = left.capacity
    state = Mutex(State(memory: nil, committed: left.committed, drained: left.drained))
    progress = Mutex(SyncProgress())
  }

  /// Empties the segment for a new life.
  func begin(_ header: SegmentHeader) throws(SystemError) {
    let memory = try mapped()
    progress.withLock { progress in
      header.write(to: memory.base)
      progress = SyncProgress(isEntered: progress.isEntered)
    }
    state.withLock { $0.life = header.sequence }
  }
}

// MARK: - Leases and marks

extension Segment {
  /// Takes the right to read and settle, if nobody has it.
  func tryLease() -> Bool { !isLeased.exchange(true, ordering: .acquiring) }

  func endLease() { isLeased.store(false, ordering: .releasing) }

  /// What the segment held at one moment.
  struct Mark: Sendable {
    fileprivate let segment: Segment
    fileprivate let life: UInt64
    fileprivate let committed: Int
  }

  var mark: Mark { Mark(segment: self, life: state.withLock { $0.life }, committed: committed) }
}

extension Segment.Mark {
  /// Whether all rows of that moment are settled or lost: a segment is emptied before its next
  /// life.
  var isSettled: Bool {
    segment.state.withLock { $0.life } != life || segment.drained >= committed
  }
}

extension Segment {
  /// Gives up the rows that cannot be read; nobody waits for them any longer.
  func giveUpRest() { state.withLock { $0.life = 0 } }
}

// MARK: - Mapping

extension Segment {
  /// The pages, mapped anew if need be; they stay mapped for as long as the result is held.
  ///
  /// Of a file that was cut short while it waited, what is left: to touch more would end the process
  /// with SIGBUS.
  ///
  /// - Throws: a `SystemError` with ``SystemError/isLoss`` if nothing is left of it.
  func mapped() throws(SystemError) -> MappedMemory {
    try state.withLock { state throws(SystemError) in
      if let memory = state.memory { return memory }
      let file = try OpenFile(path ?? "")
      let bytes = min(try file.size(), capacity + SegmentHeader.bytes)
      guard bytes > SegmentHeader.bytes else { throw SystemError.nothingLeft(of: file.path) }
      let memory = try MappedMemory(sharing: file, bytes: bytes)
      // What was noted when the pages were given back is true, whatever became of the file since.
      SegmentHeader.committed(memory.base).store(min(state.committed, bytes - SegmentHeader.bytes))
      SegmentHeader.drained(memory.base).store(state.drained)
      state.memory = memory
      return memory
    }
  }

  /// Whether the file is where it was made, as long as it was made.
  var isIntact: Bool {
    path.map { Folder.sizeOfFile($0) == capacity + SegmentHeader.bytes } ?? true
  }

  /// Gives the pages back to the system while a sealed segment waits for its turn.
  ///
  /// Not while somebody holds them: a batch under way or a stripe moves the counters in the pages,
  /// and what is noted here would fall behind. Nor if the file was deleted: then they are all there
  /// is.
  func unmap() {
    guard isMapped, isIntact else { return }
    state.withLock { state in
      guard path != nil, isKnownUniquelyReferenced(&state.memory) else { return }
      state.unmap()
    }
  }

  /// Gives up the pages of a segment that nobody needs any more. Its counters can still be read.
  func letGo() { state.withLock { $0.unmap() } }

  var isMapped: Bool { state.withLock { $0.memory != nil } }

  /// Bytes of whole rows.
  var committed: Int {
    state.withLock { $0.memory.map { SegmentHeader.committed($0.base).load() } ?? $0.committed }
  }

  /// Bytes of rows that are settled.
  var drained: Int {
    state.withLock { $0.memory.map { SegmentHeader.drained($0.base).load() } ?? $0.drained }
  }
}

// MARK: - Leaving

extension Segment {
  /// Writes down which installation the rows are for.
  func note(_ installation: UUID) {
    guard path != nil, let memory = try? mapped() else { return }
    SegmentHeader.note(installation: installation, in: memory.base)
  }

  /// Gives the room between the rows and their table back to the file system. To be called when the
  /// segment is sealed.
  func trim() {
    guard path != nil, let memory = try? mapped(), memory.count == capacity + SegmentHeader.bytes
    else { return }
    memory.trim(behind: SegmentHeader.committed(memory.base).load())
  }
}

// MARK: - Syncing

extension Segment {
  /// Ends this life of the segment, so that a sync that comes late does nothing.
  ///
  /// False while a sync is under way: then whoever began the segment anew would wait for the disk.
  func retire() -> Bool { progress.withLockIfAvailable { $0.isRetired = true } != nil }

  /// Brings all rows committed so far to the device.
  ///
  /// Whoever comes while another syncs waits for it and then mostly finds nothing left to do.
  func sync() throws(SystemError) {
    guard path != nil else { return }
    let memory = try mapped()
    try progress.withLock { progress throws(SystemError) in
      let length = SegmentHeader.committed(memory.base).load()
      guard length > progress.length, !progress.isRetired else { return }
      if let failure = progress.failure { throw failure }
      do throws(SystemError) { try sync(to: length, memory, &progress) } catch {
        // The kernel forgets a failed write: the next sync would say that all is well.
        if error.isOfDevice { progress.failure = error }
        throw error
      }
    }
  }

  private func sync(
    to length: Int, _ memory: MappedMemory, _ progress: inout SyncProgress
  ) throws(SystemError) {
    if !progress.isEntered, let path, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
      try Folder.sync(String(path[..<slash]))
      progress.isEntered = true
    }
    let rows = memory.rowTable.count(ofRowsBelow: length, known: progress.rows)
    // Pages that no row has reached stay as they are: they would have to be made writable again for
    // `track`.
    try memory.sync(0..<SegmentHeader.bytes + length)
    let entry = RowTable.entryBytes
    try memory.sync(memory.count - rows * entry..<memory.count - progress.rows * entry)
    // The device takes pages of a deleted file, too, and nobody will find them.
    guard isIntact else { throw SystemError.nothingLeft(of: path ?? "") }
    (progress.length, progress.rows) = (length, rows)
  }
}

extension MappedMemory {
  /// The table of a segment.
  var rowTable: RowTable {
    RowTable(
      UnsafeRawBufferPointer(
        start: base + SegmentHeader.bytes, count: count - SegmentHeader.bytes),
      sequence: SegmentHeader.sequence(base))
  }

  /// Gives the room between a segment's rows and their table back to the file system.
  func trim(behind rows: Int) {
    let end = count - RowTable.bytesMax(ofRows: rows)
    if SegmentHeader.bytes + rows < end { giveBack(SegmentHeader.bytes + rows..<end) }
  }
}

// MARK: - Rows

extension Segment {
  /// The bytes and the number of the well-formed rows at the start.
  ///
  /// A row ends with the brace of its JSON: one whose end never reached the file is left out.
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
