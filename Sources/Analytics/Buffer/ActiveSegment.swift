#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The end of the segment that rows are appended to.
///
/// Appending goes through a plain pointer; the pages are only held, so that the keeper, whose look
/// at the queue may be from the segment's life before, does not unmap them.
struct ActiveSegment: @unchecked Sendable {
  private let memory: MappedMemory
  private let page: UnsafeMutableRawPointer
  private var length = 0
  /// How far the next row may reach: there its entry in the table goes.
  private var limit: Int
  /// `nil` in memory of this process alone, which nothing can tear.
  private let tableSeed: UInt64?

  init(_ segment: Segment) throws(SystemError) {
    memory = try segment.mapped()
    page = memory.base
    let isFile = segment.path != nil
    tableSeed = isFile ? RowTable.seed(SegmentHeader.sequence(page)) : nil
    limit = isFile ? RowTable.place(of: 0, in: segment.capacity) : segment.capacity
  }

  enum Outcome {
    case appended
    /// The row does not fit behind the others.
    case segmentFull
    /// The row fits no segment.
    case tooLarge
    /// The event's type or service is no name, or its time no year's from 1 to 9999.
    case invalid
  }

  /// Writes one row behind the last, and its entry in the table, and makes it visible to the worker.
  ///
  /// The length is stored after both, with release order: whoever reads it, in this process or
  /// after its death, finds whole rows before it.
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
    let row = length..<length + (fields.writer.cursor - start)
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
