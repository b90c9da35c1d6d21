package import Analytics
internal import AnalyticsPostgres
package import Foundation

/// An event that the database refused, as kept in `analytics_dead_letters`.
package struct DeadLetter: Sendable {
  package let id: UUID
  /// The event's timestamp.
  package let timestamp: EventTimestamp
  /// The error of the server, without values of the event.
  package let reason: String
  /// The time of the last refusal.
  package let refusedAt: EventTimestamp
  /// The number of times that the event was refused.
  package let attempts: Int
  /// The reason why the event cannot be decoded; `nil` if it can.
  package let obstacle: Obstacle?
  private let row: [UInt8]

  /// A reason why an event cannot be decoded.
  package enum Obstacle: String, Sendable {
    case newerVersion = "written by a newer version of analytics"
    case noEvent = "its bytes are not those of an event"
  }

  init(_ columns: PostgresRow) throws(PostgresError) {
    id = try columns.decode(UUID.self, "id")
    timestamp = try columns.decode(PostgresTimestamp.self, "timestamp").eventTimestamp
    reason = try columns.decode(String.self, "reason")
    refusedAt = try columns.decode(PostgresTimestamp.self, "refused_at").eventTimestamp
    attempts = try columns.decode(Int.self, "attempts")
    let row = Array(try columns.decode(Data.self, "row"))
    self.row = row
    obstacle =
      if try columns.decode(Int32.self, "layout") != Int32(RowLayout.version) {
        .newerVersion
      } else if !row.withUnsafeBytes({ RowLayout.rowLength($0) == row.count }) {
        .noEvent
      } else {
        nil
      }
  }

  /// Returns the events of dead letters as a batch, in the same order.
  ///
  /// - Throws: ``AnalyticsError`` if an event cannot be decoded, or if there are no letters.
  package static func batch(_ letters: [DeadLetter]) throws -> EventBatch {
    try EventBatch.wrapping(letters.map(\.row))
  }
}

extension PostgresTimestamp {
  fileprivate var eventTimestamp: EventTimestamp {
    EventTimestamp(microsecondsSincePostgresEpoch: microseconds)
  }
}
