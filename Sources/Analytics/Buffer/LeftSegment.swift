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
  /// Bytes of rows that are settled.
  let drained: Int
  /// Bytes of rows that can be believed.
  let committed: Int
  /// Unsettled rows that can be believed.
  let rows: Int
  /// Unsettled rows that were there and cannot be: at least so many.
  let lost: Int
  let memory: MappedMemory

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
    let counted = Self.counted(memory.base, capacity: header.capacity)
    let believed: Int
    if header.bootID == bootID {
      // A sync that went further than the counter tells that the counter is wrong.
      let known = counted ?? capacity
      believed = max(known, Self.syncedLength(memory.base, data, header.sequence, above: known))
    } else {
      believed = Self.syncedLength(memory.base, data, header.sequence, above: 0)
    }
    let extent = Extent(
      data, believed: min(believed, capacity), counted: counted,
      drained: SegmentHeader.drained(memory.base).load())
    (self.path, self.header, self.capacity, self.memory) = (path, header, capacity, memory)
    (drained, committed) = (extent.drained, extent.committed)
    (rows, lost) = (extent.rows, extent.lost)
  }

  /// Cuts the file to what can be believed.
  func cut() {
    SegmentHeader.committed(memory.base).store(committed)
    SegmentHeader.drained(memory.base).store(drained)
  }

  /// What the counter says, if it can be true.
  private static func counted(_ page: UnsafeMutableRawPointer, capacity: Int) -> Int? {
    let counted = SegmentHeader.committed(page).load()
    return (0...max(0, capacity)).contains(counted) ? counted : nil
  }

  /// The longest recorded length whose checksum fits; 0 if none above `known` does.
  private static func syncedLength(
    _ page: UnsafeMutableRawPointer, _ data: UnsafeRawBufferPointer, _ sequence: UInt64,
    above known: Int
  ) -> Int {
    SegmentHeader.syncedSlots.map { slot in
      let length = Int(truncatingIfNeeded: page.load(fromByteOffset: slot, as: UInt64.self))
      let checksum = page.load(fromByteOffset: slot + 8, as: UInt64.self)
      guard length > known, length <= data.count else { return 0 }
      var running = RunningChecksum(seed: sequence)
      return running.extend(over: data.slice(0..<length)) == checksum ? length : 0
    }.max() ?? 0
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
    let counted = Self.counted(memory.base, capacity: capacity) ?? capacity
    let data = UnsafeRawBufferPointer(start: memory.base + SegmentHeader.bytes, count: capacity)
    return Extent(
      data, believed: counted, counted: counted,
      drained: SegmentHeader.drained(memory.base).load()
    ).rows
  }
}

/// Where unsettled rows begin and end in a segment's data, and how many there are.
private struct Extent {
  var drained: Int
  var committed: Int
  var rows: Int
  var lost: Int

  /// - Parameters:
  ///   - believed: how many bytes can be believed, at most all of `data`.
  ///   - counted: how many there were once, if that is known.
  init(_ data: UnsafeRawBufferPointer, believed: Int, counted: Int?, drained noted: Int) {
    // What is settled may go further than what can be believed after a power loss.
    let reach = max(believed, min(counted ?? 0, data.count))
    let settled = Self.isRowStart(noted, in: data.slice(0..<reach)) ? noted : 0
    drained = min(settled, believed)
    let (length, rows) = Segment.wholeRows(data.slice(drained..<believed))
    (committed, self.rows) = (drained + length, rows)

    guard let counted else {
      // There may have been more, and nobody knows how much.
      lost = believed < data.count ? 1 : 0
      return
    }
    let unread = max(committed, settled)..<max(committed, settled, counted)
    let (lengthSeen, rowsSeen) = Segment.wholeRows(
      data.slice(unread.clamped(to: 0..<data.count)))
    lost = rowsSeen + (lengthSeen < unread.count ? 1 : 0)
  }

  /// Rows that come again are known by their keys; rows that are skipped are lost. So a counter that
  /// does not fit the rows is not believed.
  private static func isRowStart(_ offset: Int, in data: UnsafeRawBufferPointer) -> Bool {
    guard (0...data.count).contains(offset) else { return false }
    let (rest, _) = Segment.wholeRows(data.slice(offset..<data.count))
    if offset == 0 || (offset < data.count && offset + rest == data.count) { return true }
    var start = 0
    while start < offset, let length = RowLayout.rowLength(data.slice(start..<data.count)) {
      start += length
    }
    return start == offset
  }
}
