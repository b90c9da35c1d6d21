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
  /// Why the event cannot be read; `nil` where it can.
  package let obstacle: Obstacle?
  private let row: [UInt8]

  /// Why an event cannot be read.
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

  /// The events of letters, to be read or sent again, in the letters' order.
  ///
  /// - Throws: ``AnalyticsError`` if one cannot be read, or there are none.
  package static func batch(_ letters: [DeadLetter]) throws -> EventBatch {
    try EventBatch.wrapping(letters.map(\.row))
  }
}

extension PostgresTimestamp {
  fileprivate var eventTimestamp: EventTimestamp {
    EventTimestamp(microsecondsSincePostgresEpoch: microseconds)
  }
}
