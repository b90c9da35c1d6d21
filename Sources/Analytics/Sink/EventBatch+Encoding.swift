#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension EventBatch {
  /// Encodes events as a batch without a client, for tests of sinks.
  ///
  /// - Throws: ``AnalyticsError`` if there are no events, or if one cannot be encoded.
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
    guard segment.committed > 0 else {
      throw AnalyticsError(.invalidConfiguration, "a batch must have at least one event")
    }
    return EventBatch(try BufferedRows(allOf: segment, rowCount: events.count))
  }

  /// Creates a batch of rows that were encoded earlier in the current row layout.
  ///
  /// - Throws: ``AnalyticsError`` if there are no rows, or if one is not exactly one well-formed
  ///   row.
  package static func wrapping(_ rows: [[UInt8]]) throws -> EventBatch {
    let isWhole = rows.allSatisfy { row in
      row.withUnsafeBytes { RowLayout.rowLength($0) == row.count }
    }
    guard !rows.isEmpty, isWhole else {
      throw AnalyticsError(
        .invalidConfiguration, "a batch must have rows, and each must be well-formed")
    }
    return EventBatch(try BufferedRows(copying: rows))
  }

  /// The same rows, marked as a retry after an attempt whose outcome is unknown.
  package var asRetryOfUnknownOutcome: EventBatch {
    var batch = self
    batch.mayBeStored = true
    return batch
  }

  /// The same rows, marked as certainly tracked after the given instant.
  package func tracked(after instant: EventTimestamp) -> EventBatch {
    var batch = self
    batch.trackedAfter = instant
    return batch
  }
}
