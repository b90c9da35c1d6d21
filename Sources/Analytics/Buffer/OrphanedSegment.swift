#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An orphaned segment, left behind by a dead process, and the rows in it that can be trusted.
/// Creating one changes nothing in the file.
///
/// Rows of older layouts must be converted here, once there are any: all later code expects the
/// current ``RowLayout``.
///
/// The caller holds the directory's lock, so no other process changes the file. The mapping is as
/// long as the file; the library never truncates files, so the pages stay accessible.
struct OrphanedSegment {
  let path: String
  let header: SegmentHeader
  /// The size of the data area in bytes.
  let capacity: Int
  let memory: MappedMemory
  /// The unsettled rows that can be trusted.
  let trusted: TrustedRows

  /// The number of bytes of settled rows.
  var drained: Int { trusted.range.lowerBound }
  /// The number of bytes up to the end of the trusted rows.
  var committed: Int { trusted.range.upperBound }
  /// The number of unsettled rows that can be trusted.
  var rows: Int { trusted.count }
  /// The number of unsettled rows that cannot be trusted, as a lower bound.
  var lost: Int { trusted.lost }

  /// - Throws: ``SegmentHeader/Problem`` or `SystemError`.
  init(_ path: String, bootID: UUID?) throws {
    let file = try OpenFile(path)
    let size = try file.size()
    guard size > 0 else { throw SegmentHeader.Problem.neverBegun }
    guard size >= SegmentHeader.bytes else { throw SegmentHeader.Problem.notASegment }
    let memory = try MappedMemory(sharing: file, bytes: size)
    let header = try SegmentHeader(readFrom: memory.base)
    let capacity = min(size - SegmentHeader.bytes, max(0, header.capacity))
    let data = UnsafeRawBufferPointer(start: memory.base + SegmentHeader.bytes, count: capacity)
    let counters = OrphanCounters(memory.base, capacity: header.capacity)
    let isOfThisBoot = header.bootID == bootID
    if header.format == 1 {
      let known = isOfThisBoot ? counters.committed ?? capacity : 0
      let synced = SyncRecords.length(memory.base, data, sequence: header.sequence, above: known)
      // If a sync reached further than the counter, the counter is wrong.
      trusted = TrustedRows(data, below: max(known, synced), counters)
    } else {
      // A truncated file has lost its table.
      let isWhole = capacity == header.capacity
      let found =
        isWhole ? RowTable(data, sequence: header.sequence).found() : RowTable.Found()
      let known = counters.committed ?? (isWhole ? 0 : capacity)
      trusted =
        isOfThisBoot
        ? TrustedRows(data, below: max(known, found.endOfFirstRun), counters)
        : TrustedRows(data, found, counters)
    }
    (self.path, self.header, self.capacity, self.memory) = (path, header, capacity, memory)
  }

  /// Sets the counters to the trusted rows.
  func resetCounters() {
    SegmentHeader.committed(memory.base).store(committed)
    SegmentHeader.drained(memory.base).store(drained)
  }
}

extension OrphanedSegment {
  /// Returns how many rows a file without a valid header seems to hold. Their destination is
  /// unknown.
  static func rowsWithoutHeader(_ path: String) throws(SystemError) -> Int {
    let file = try OpenFile(path)
    let size = try file.size()
    guard size > SegmentHeader.bytes else { return 0 }
    let memory = try MappedMemory(sharing: file, bytes: size)
    let capacity = size - SegmentHeader.bytes
    let counters = OrphanCounters(memory.base, capacity: capacity)
    let data = UnsafeRawBufferPointer(start: memory.base + SegmentHeader.bytes, count: capacity)
    return TrustedRows(data, below: counters.committed ?? capacity, counters).count
  }
}

// MARK: - Freeing space

extension OrphanedSegment {
  /// Frees the blocks between the rows and their table, if the file system can.
  func trim() {
    let rows = max(committed, SegmentHeader.committed(memory.base).load())
    if rows <= capacity, memory.count - SegmentHeader.bytes == header.capacity {
      memory.trim(behind: rows)
    }
  }

  /// Writes the trusted rows without gaps into a new file, which replaces this one.
  ///
  /// - Throws: ``SegmentHeader/Problem`` or `SystemError`; this file is then unchanged.
  func withoutGaps(bootID: UUID?) throws -> OrphanedSegment {
    let rowBytes = trusted.ranges.reduce(0) { $0 + $1.count }
    let tableBytes = RowTable.bytesMax(ofRows: rowBytes)
    let page = SegmentHeader.bytes
    var header = header
    header.capacity = (rowBytes + tableBytes + page - 1) / page * page
    if let bootID { header.bootID = bootID }
    let path = path + SpoolDirectory.rewriteSuffix
    do {
      let file = try OpenFile(path, create: true)
      try file.reserve(page + header.capacity)
      let memory = try MappedMemory(sharing: file, bytes: page + header.capacity)
      header.write(to: memory.base)
      write(trusted.ranges, to: memory)
      try memory.sync(0..<memory.count)
      try Directory.renameFile(path, to: self.path)
    } catch {
      Directory.removeFile(path)
      throw error
    }
    return try OrphanedSegment(self.path, bootID: bootID)
  }

  private func write(_ rows: [Range<Int>], to target: MappedMemory) {
    let seed = RowTable.seed(header.sequence)
    let (source, data) = (memory.base + SegmentHeader.bytes, target.base + SegmentHeader.bytes)
    var end = 0
    for (number, row) in rows.enumerated() {
      let copy = data + end
      copy.copyMemory(from: source + row.lowerBound, byteCount: row.count)
      let id = copy.loadUnaligned(fromByteOffset: RowLayout.idOffset, as: UUIDBits.self)
      data.storeBytes(
        of: RowTable.entry(copy, id: id, at: end..<end + row.count, seed: seed),
        toByteOffset: RowTable.place(of: number, in: target.count - SegmentHeader.bytes),
        as: UInt64.self)
      end += row.count
    }
    SegmentHeader.committed(target.base).store(end)
  }
}
