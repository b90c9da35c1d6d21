#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The end of a segment that rows are appended to.
struct ActiveSegment {
  let segment: Segment
  private let memory: MappedMemory
  private var length = 0

  init(_ segment: Segment) throws(SystemError) {
    self.segment = segment
    memory = try segment.mapped()
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

  /// Writes one row behind the last and makes it visible to the worker.
  ///
  /// The length is stored after the row, with release order: whoever reads it, in this process or
  /// after its death, finds whole rows before it.
  @inline(__always)
  mutating func append(
    id: uuid_t, timestamp: EventTimestamp, context: RowContext,
    _ write: (inout EventFields) -> Void
  ) -> Outcome {
    let start = memory.base + SegmentHeader.bytes + length
    var fields = EventFields(
      writer: RowWriter(
        UnsafeMutableRawBufferPointer(start: start, count: segment.capacity - length)),
      context: context)
    fields.writer.start(id: id, timestamp: timestamp)
    write(&fields)
    fields.end()
    switch fields.writer.failure {
    case nil: break
    case .full: return length == 0 ? .tooLarge : .segmentFull
    case .invalid: return .invalid
    }
    length += fields.writer.cursor - start
    SegmentHeader.committed(memory.base).store(length)
    return .appended
  }
}
