#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The end of the segment to which a stripe appends rows.
///
/// Rows are written through `page`. `memory` keeps the pages mapped: ``Segment/unmap()`` does
/// nothing while another reference exists, even if spool maintenance calls it with an outdated view
/// of the queue.
///
/// `@unchecked Sendable` because of `page`. Each segment has at most one value of this type, in the
/// state of a stripe, and that value is used only under the stripe's lock. It writes only behind
/// the committed rows and to table entries that are still unused; other threads read only the bytes
/// before `committed`, which they load with acquire order.
struct ActiveSegment: @unchecked Sendable {
  private let memory: MappedMemory
  private let page: UnsafeMutableRawPointer
  private var length = 0
  /// The end of the room for the next row. Its table entry is written here.
  private var limit: Int
  /// The seed of the table's hashes; `nil` in memory of this process alone, which needs no table
  /// because it cannot be torn.
  private let tableSeed: UInt64?

  /// Begins to append to a segment without rows.
  init(_ segment: Segment) throws(SystemError) {
    memory = try segment.mapped()
    page = memory.base
    let isFile = segment.path != nil
    tableSeed = isFile ? RowTable.seed(SegmentHeader.sequence(page)) : nil
    limit = isFile ? RowTable.place(of: 0, in: segment.capacity) : segment.capacity
    assert(SegmentHeader.committed(page).load() == 0, "the segment was just begun")
  }

  enum Outcome {
    case appended
    /// The row does not fit behind the other rows.
    case segmentFull
    /// The row is larger than an empty segment.
    case tooLarge
    /// The event is malformed: see ``DropReason/invalid``.
    case invalid
  }

  /// Appends one row and its table entry, and makes the row visible to the worker.
  ///
  /// `committed` is stored after both, with release order. So a reader that loads it, in this
  /// process or after its death, finds only whole rows before it. `context` must stay valid during
  /// the call.
  @inline(__always)
  mutating func append<Content>(
    id: UUIDBits, timestamp: EventTimestamp, context: UnsafePointer<RowContext.Values>,
    _ content: Content, _ write: RowBody<Content>
  ) -> Outcome {
    let start = page + SegmentHeader.bytes + length
    var fields = EventFields(
      writer: RowWriter(
        UnsafeMutableRawBufferPointer(start: start, count: max(0, limit - length))),
      context: context)
    fields.writer.start(id: id, timestamp: timestamp)
    write(content, &fields)
    fields.end()
    switch fields.writer.failure {
    case nil: break
    case .full: return length == 0 ? .tooLarge : .segmentFull
    case .invalid: return .invalid
    }
    assert(SegmentHeader.committed(page).load() == length, "nothing else appends here")
    let row = length..<length + (fields.writer.cursor - start)
    assert(!row.isEmpty && row.upperBound <= limit, "a row ends before the table of rows")
    if let tableSeed {
      let entry = RowTable.entry(start, id: id, at: row, seed: tableSeed)
      (page + SegmentHeader.bytes + limit).storeBytes(of: entry, as: UInt64.self)
      limit -= RowTable.entryBytes
    }
    length = row.upperBound
    SegmentHeader.committed(page).store(length)
    return .appended
  }
}
