#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Rows in memory of their own, outside any buffer. They have no lease and are never settled.
extension BufferedRows {
  /// Encodes events, each with its id.
  ///
  /// - Throws: ``AnalyticsError`` if there are no events, or if one cannot be encoded.
  init(encoding events: [EnrichedEvent], ids: [UUID], service: String) throws {
    let segment = Segment(
      path: nil, memory: try MappedMemory(anonymousBytes: 64 << 20))
    var active = try ActiveSegment(segment)
    for (event, id) in zip(events, ids) {
      let context = RowContext(
        service: service, hostname: event.hostname, environment: event.environment,
        privacy: .full, key: nil)
      let outcome = withExtendedLifetime(context) {
        active.append(
          id: UUIDBits(id), timestamp: event.timestamp, context: context.values, event.event
        ) { $0.describe(to: &$1) }
      }
      guard outcome == .appended else {
        throw AnalyticsError(.invalidConfiguration, "an event cannot be encoded: \(outcome)")
      }
    }
    guard segment.committed > 0 else {
      throw AnalyticsError(.invalidConfiguration, "a batch must have at least one event")
    }
    try self.init(allOf: segment, rowCount: events.count)
  }

  /// Copies rows.
  ///
  /// - Parameter rows: At least one row. Each is exactly one well-formed row.
  init(copying rows: [[UInt8]]) throws(SystemError) {
    let byteCount = rows.reduce(0) { $0 + $1.count }
    let memory = try MappedMemory(anonymousBytes: SegmentHeader.bytes + byteCount)
    var end = memory.base + SegmentHeader.bytes
    for row in rows {
      row.withUnsafeBytes { end.copyMemory(from: $0.baseAddress!, byteCount: row.count) }
      end += row.count
    }
    SegmentHeader.committed(memory.base).store(byteCount)
    try self.init(allOf: Segment(path: nil, memory: memory), rowCount: rows.count)
  }

  /// Takes all rows of a segment that is in no buffer.
  private init(allOf segment: Segment, rowCount: Int) throws(SystemError) {
    let memory = try segment.mapped()
    self.init(pieces: [
      Piece(
        segment: segment, memory: memory, owner: NoOwner(), range: 0..<segment.committed,
        rowCount: rowCount)
    ])
  }

  private final class NoOwner: SegmentOwner {
    func segments() -> (queue: [Segment], lastIsActive: Bool) { ([], false) }
    func standing(of segment: Segment) -> SegmentStanding? { nil }
    func settled(rows: Int, in segment: Segment) {}
    func remove(_ segment: Segment) -> Int { 0 }
  }
}
