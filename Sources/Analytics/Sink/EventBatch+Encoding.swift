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
    EventBatch(try BufferedRows(encoding: events, ids: ids, service: service))
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
