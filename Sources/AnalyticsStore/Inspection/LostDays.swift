package import AnalyticsConnections
internal import AnalyticsPostgres
package import Foundation

extension Migrator {
  /// The UTC days of which the rollups count more events than are stored, by their beginnings: somebody has dropped,
  /// detached or emptied partitions. What retention dropped is none of them. In order.
  ///
  /// To store events of such a day again would count them twice.
  ///
  /// - Returns: Empty also before the migration that this comes with.
  package func lostDays() async throws(StoreError) -> [Date] {
    try await connected(doing: Self.look) { session in
      try await session.connection.transaction(readOnly: true) { connection in
        try await connection.execute(.names(in: session.schema, isLocal: true))
        let isThere: Bool = try await connection.query(
          "SELECT to_regprocedure('analytics_lost_days()') IS NOT NULL"
        ).value()
        guard isThere else { return [] }
        return try await connection.query("SELECT day FROM analytics_lost_days() AS day")
          .compactMap { try $0.decode(PostgresTimestamp.self, "day").date }
      }
    }
  }
}
