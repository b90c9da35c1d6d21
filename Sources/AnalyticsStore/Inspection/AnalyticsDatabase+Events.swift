package import Analytics
package import AnalyticsConnections
internal import AnalyticsPostgres

extension AnalyticsDatabase {
  /// Whether an event of an environment is stored whose own time is at or after an instant.
  package func hasEvents(
    in environment: String, since start: EventTimestamp
  ) async throws -> Bool {
    try await withSession { connection in
      try await read(on: connection) {
        try await $0.query(
          """
          SELECT EXISTS (SELECT FROM analytics_events WHERE timestamp >= \(start.postgres)
                           AND environment = \(environment))
          """
        ).value()
      }
    }
  }
}
