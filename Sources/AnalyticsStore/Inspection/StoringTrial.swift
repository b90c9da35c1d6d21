package import AnalyticsConnections
package import AnalyticsPostgres
internal import Foundation

/// The result of storing an event and rolling it back. A failure here would stop a service as well,
/// until it is repaired.
package enum StoringTrial: Sendable, Equatable {
  case stored
  /// There was no error, and no row: a trigger returned NULL.
  case suppressed
  /// The server refused the event, with its message.
  case refused(String)
  /// Another session held a lock for too long.
  case busy(String)

  private struct RolledBack: Error {}

  /// Stores an event and rolls it back. Leaves no row, but uses a number of a sequence. Waits for a
  /// lock for at most 5 seconds.
  package static func run(
    on connection: PostgresConnection, in database: AnalyticsDatabase
  ) async -> StoringTrial {
    var rows = 0
    do {
      try await connection.transaction(isolation: .readCommitted) { connection in
        try await database.useSchema(on: connection)
        try await connection.execute("SET LOCAL lock_timeout = '5s'")
        _ = try await connection.query("SELECT FROM analytics_begin_ingest()")
        _ = try await connection.query("SELECT FROM analytics_ensure_partitions(ARRAY[now()])")
        // COPY, as services use it: it ignores rules and respects row security.
        rows = try await connection.copyIn(
          """
          COPY analytics_events
              (id, timestamp, event_type, service, user_id, hostname, environment, data)
          FROM STDIN
          """,
          from: Array(
            "\(UUID())\tnow\tanalytics_doctor\tanalytics_doctor\t\\N\t\\N\t\\N\t{}\n".utf8))
        try await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        throw RolledBack()
      }
    } catch is RolledBack {
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      return .busy("\(error)")
    } catch {
      return .refused("\(error)")
    }
    return rows == 1 ? .stored : .suppressed
  }
}
