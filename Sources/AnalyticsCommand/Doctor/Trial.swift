import AnalyticsConnections
import AnalyticsPostgres

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An event that is stored and taken back before the commit: what it runs into, a service would run into as well, for ever.
enum Trial: Sendable, Equatable {
  case stored
  /// No error, and no row: a trigger of somebody's.
  case passedOver
  /// As the server says it.
  case refused(String)
  /// Somebody held a lock for too long.
  case busy(String)

  private struct TakenBack: Error {}

  /// Leaves no row, and uses up one number of a sequence. Waits five seconds at most for a lock.
  static func run(on connection: PostgresConnection, in database: AnalyticsDatabase) async -> Trial
  {
    var rows = 0
    do {
      try await connection.transaction(isolation: .readCommitted) { connection in
        try await database.useSchema(on: connection)
        try await connection.execute("SET LOCAL lock_timeout = '5s'")
        _ = try await connection.query("SELECT FROM analytics_begin_ingest()")
        _ = try await connection.query("SELECT FROM analytics_ensure_partitions(ARRAY[now()])")
        // As a service does it: a rule does not meet COPY, and row security does.
        rows = try await connection.copyIn(
          """
          COPY analytics_events
              (id, timestamp, event_type, service, user_id, hostname, environment, data)
          FROM STDIN
          """,
          from: Array(
            "\(UUID())\tnow\tanalytics_doctor\tanalytics_doctor\t\\N\t\\N\t\\N\t{}\n".utf8))
        try await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        throw TakenBack()
      }
    } catch is TakenBack {
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
      return .busy("\(error)")
    } catch {
      return .refused("\(error)")
    }
    return rows == 1 ? .stored : .passedOver
  }
}
