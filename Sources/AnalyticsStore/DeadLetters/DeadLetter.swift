package import Analytics
internal import AnalyticsPostgres
package import Foundation

/// An event that the database refused and that was set aside.
package struct DeadLetter: Sendable {
  package let id: UUID
  /// When it happened.
  package let timestamp: EventTimestamp
  /// What the server said, without values of the event.
  package let reason: String
  /// When it was refused, the last time.
  package let refusedAt: EventTimestamp
  /// How often it was refused.
  package let attempts: Int
  private let layout: Int32
  private let row: [UInt8]

  init(_ columns: PostgresRow) throws(PostgresError) {
    id = try columns.decode(UUID.self, "id")
    timestamp = try columns.decode(PostgresTimestamp.self, "timestamp").eventTimestamp
    reason = try columns.decode(String.self, "reason")
    refusedAt = try columns.decode(PostgresTimestamp.self, "refused_at").eventTimestamp
    attempts = try columns.decode(Int.self, "attempts")
    layout = try columns.decode(Int32.self, "layout")
    row = Array(try columns.decode(Data.self, "row"))
  }

  /// The events of letters, to be read or sent again, in the letters' order.
  ///
  /// - Throws: ``AnalyticsError`` if a newer version wrote one, or there are none.
  package static func batch(_ letters: [DeadLetter]) throws -> EventBatch {
    guard letters.allSatisfy({ $0.layout == Int32(RowLayout.version) }) else {
      throw AnalyticsError(
        .invalidConfiguration,
        "a dead letter was written by a newer version: use that version of `analytics`")
    }
    return try EventBatch.wrapping(letters.map(\.row))
  }
}

extension PostgresTimestamp {
  fileprivate var eventTimestamp: EventTimestamp {
    EventTimestamp(microsecondsSincePostgresEpoch: microseconds)
  }
}
