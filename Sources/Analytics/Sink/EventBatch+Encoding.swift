#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension EventBatch {
  /// Encodes events into a batch without a client, for tests of sinks.
  ///
  /// - Throws: ``AnalyticsError`` if there are none, or one cannot be encoded.
  package static func encoding(
    _ events: [EnrichedEvent], ids: [UUID], service: String = "test"
  ) throws -> EventBatch {
    let segment = Segment(
      path: nil, memory: try MappedMemory(anonymousBytes: 64 << 20))
    var active = try ActiveSegment(segment)
    for (event, id) in zip(events, ids) {
      let context = RowContext(
        service: service, hostname: event.hostname, environment: event.environment,
        privacy: .full, key: nil)
      let outcome = active.append(
        id: UUIDBits(id), timestamp: event.timestamp, context: context.values, event.event
      ) { $0.describe(to: &$1) }
      guard outcome == .appended else {
        throw AnalyticsError(.invalidConfiguration, "an event cannot be encoded: \(outcome)")
      }
    }
    let owner = NoOwner()
    let range = 0..<segment.committed
    guard !range.isEmpty else {
      throw AnalyticsError(.invalidConfiguration, "a batch holds at least one event")
    }
    return EventBatch(pieces: [
      Piece(
        segment: segment, memory: try segment.mapped(), owner: owner, range: range,
        rowCount: events.count)
    ])
  }

  private final class NoOwner: SegmentOwner {
    func segments() -> (queue: [Segment], lastIsActive: Bool) { ([], false) }
    func standing(of segment: Segment) -> SegmentStanding? { nil }
    func settled(rows: Int) {}
    func remove(_ segment: Segment) {}
  }

  /// The same rows as a retry after an answer that was lost.
  package var asRetryOfUnknownOutcome: EventBatch {
    var batch = self
    batch.mayBeStored = true
    return batch
  }
}
