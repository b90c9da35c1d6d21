package import AnalyticsPostgres
package import Foundation

/// The ID of an installation, and the key that signs what it reports about itself.
package struct InstanceRecord: Sendable, Hashable {
  package var id: UUID
  package var signingKey: [UInt8]
}

extension PostgresConnection {
  /// Returns the ID and the key of this installation. `search_path` has to name the schema.
  package func instanceRecord() async throws(PostgresError) -> InstanceRecord {
    let row = try await query("SELECT id, signing_key FROM analytics_instance").only()
    return InstanceRecord(
      id: try row.decode(UUID.self, "id"),
      signingKey: Array(try row.decode(Data.self, "signing_key")))
  }
}
