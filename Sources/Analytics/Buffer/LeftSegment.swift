#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A segment that some process left behind, as far as it can be believed. Looking changes nothing.
///
/// Rows of an older layout are to be read here, once there is one: everything behind this sees rows
/// as ``RowLayout`` says.
struct LeftSegment {
  let path: String
  let header: SegmentHeader
  /// Bytes of data that fit.
  let capacity: Int
  let memory: MappedMemory
  /// Unsettled rows that can be believed.
  let believed: BelievedRows

  /// Bytes of rows that are settled.
  var drained: Int { believed.range.lowerBound }
  /// Bytes of rows that can be believed.
  var committed: Int { believed.range.upperBound }
  /// Unsettled rows that can be believed.
  var rows: Int { believed.count }
  /// Unsettled rows that were there and cannot be: at least so many.
  var lost: Int { believed.lost }

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
    let counters = LeftCounters(memory.base, capacity: header.capacity)
    let isOfThisBoot = header.bootID == bootID
    if header.format == 1 {
      let known = isOfThisBoot ? counters.committed ?? capacity : 0
      let synced = SyncRecords.length(memory.base, data, sequence: header.sequence, above: known)
      // A sync that went further than the counter tells that the counter is wrong.
      believed = BelievedRows(data, below: max(known, synced), counters)
    } else {
      // A file that was cut has lost its table.
      let isWhole = capacity == header.capacity
      let found = isWhole ? memory.rowTable.found() : RowTable.Found()
      let known = counters.committed ?? (isWhole ? 0 : capacity)
      believed =
        isOfThisBoot
        ? BelievedRows(data, below: max(known, found.endOfFirstRun), counters)
        : BelievedRows(data, found, counters)
    }
    (self.path, self.header, self.capacity, self.memory) = (path, header, capacity, memory)
  }

  /// Cuts the counters to what can be believed.
  func cut() {
    SegmentHeader.committed(memory.base).store(committed)
    SegmentHeader.drained(memory.base).store(drained)
  }
}

extension LeftSegment {
  /// How many rows a file without a header that checks seems to hold: whose they are nobody knows.
  static func rowsWithoutHeader(_ path: String) throws(SystemError) -> Int {
    let file = try OpenFile(path)
    let size = try file.size()
    guard size > SegmentHeader.bytes else { return 0 }
    let memory = try MappedMemory(sharing: file, bytes: size)
    let capacity = size - SegmentHeader.bytes
    let counters = LeftCounters(memory.base, capacity: capacity)
    let data = UnsafeRawBufferPointer(start: memory.base + SegmentHeader.bytes, count: capacity)
    return BelievedRows(data, below: counters.committed ?? capacity, counters).count
  }
}

// MARK: - Making it smaller

extension LeftSegment {
  /// Gives the blocks between the rows and their table back to the file system, if it can.
  func trim() {
    let rows = max(committed, SegmentHeader.committed(memory.base).load())
    if rows <= capacity, memory.count == header.capacity + SegmentHeader.bytes {
      memory.trim(behind: rows)
    }
  }

  /// The same rows without the gaps between them, in a file that replaces this one.
  ///
  /// - Throws: ``SegmentHeader/Problem`` or `SystemError`; then this file is as it was.
  func joined(bootID: UUID?) throws -> LeftSegment {
    let rowBytes = believed.ranges.reduce(0) { $0 + $1.count }
    let tableBytes = RowTable.bytesMax(ofRows: rowBytes)
    let page = SegmentHeader.bytes
    var header = header
    header.capacity = (rowBytes + tableBytes + page - 1) / page * page
    if let bootID { header.bootID = bootID }
    let path = path + SpoolFolder.joinedSuffix
    do {
      let file = try OpenFile(path, create: true)
      try file.reserve(page + header.capacity)
      let memory = try MappedMemory(sharing: file, bytes: page + header.capacity)
      header.write(to: memory.base)
      write(believed.ranges, to: memory)
      try memory.sync(0..<memory.count)
      try Folder.renameFile(path, to: self.path)
    } catch {
      Folder.removeFile(path)
      throw error
    }
    return try LeftSegment(self.path, bootID: bootID)
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
