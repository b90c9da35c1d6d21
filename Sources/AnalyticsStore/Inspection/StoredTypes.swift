package import AnalyticsConnections
internal import AnalyticsPostgres

/// The stored events of one type.
package struct StoredType: Encodable, Sendable {
  package var type: String
  /// The number of events.
  package var events: Int
  /// The UTC day of the first event, such as `2026-05-28`.
  package var firstDay: String
  /// The UTC day of the last event.
  package var lastDay: String
}

extension AnalyticsDatabase {
  /// Counts the stored events by type, the most frequent type first. It reads every event.
  package func storedTypes() async throws -> [StoredType] {
    try await withSession { connection in
      try await read(on: connection) { connection in
        try await connection.query(
          """
          SELECT event_type, count(*) AS events,
                 min(timestamp AT TIME ZONE 'UTC')::date::text AS first,
                 max(timestamp AT TIME ZONE 'UTC')::date::text AS last
          FROM analytics_events
          GROUP BY event_type
          ORDER BY events DESC, event_type
          """
        ).map { row in
          StoredType(
            type: try row.decode(String.self, "event_type"),
            events: try row.decode(Int.self, "events"),
            firstDay: try row.decode(String.self, "first"),
            lastDay: try row.decode(String.self, "last"))
        }
      }
    }
  }
}
