package import AnalyticsConnections
package import AnalyticsPostgres
package import Foundation

/// The server's access keys. The role that owns the tables creates, lists and revokes them.
package struct AccessKeys: Sendable {
  private let connection: PostgresConnection
  private let schema: SchemaName

  package init(_ database: AnalyticsDatabase, on connection: PostgresConnection) async throws {
    self.connection = connection
    schema = try await database.schema(on: connection)
  }

  /// Metadata of a key, without the secret.
  package struct Entry: Sendable, Hashable {
    package let id: UUID
    package let name: String
    /// `read`, `write` or `admin`.
    package let role: String
    /// The first characters of the key.
    package let prefix: String
    package let createdAt: Date
    package let revokedAt: Date?
    /// The UTC day of the last use, such as `2026-01-31`; `nil` if the key was never used.
    package let lastUsedOn: String?
  }

  /// Stores a new key's hash and metadata.
  ///
  /// - Parameters:
  ///   - hash: SHA-256 of the key.
  ///   - prefix: The first characters of the key.
  /// - Returns: The id of the key.
  /// - Throws: `server` with `uniqueViolation` if a key with this name exists and is not revoked.
  package func create(
    name: String, role: String, hash: [UInt8], prefix: String
  ) async throws(PostgresError) -> UUID {
    try await connection.query(
      """
      INSERT INTO \(schema).analytics_keys (name, role, hash, prefix)
      VALUES (\(name), \(role), \(hash), \(prefix)) RETURNING id
      """
    ).value()
  }

  /// Returns all keys, including revoked ones, the oldest first.
  package func list() async throws(PostgresError) -> [Entry] {
    let rows = try await connection.query(
      """
      SELECT id, name, role, prefix, created_at, revoked_at, last_used_on::text AS last_used_on
      FROM \(schema).analytics_keys ORDER BY created_at, id
      """)
    var entries: [Entry] = []
    for row in rows {
      entries.append(
        Entry(
          id: try row.decode(UUID.self, "id"), name: try row.decode(String.self, "name"),
          role: try row.decode(String.self, "role"), prefix: try row.decode(String.self, "prefix"),
          createdAt: try row.decode(Date.self, "created_at"),
          revokedAt: try row.decode(Date?.self, "revoked_at"),
          lastUsedOn: try row.decode(String?.self, "last_used_on")))
    }
    return entries
  }

  /// Revokes a key for good.
  ///
  /// - Parameter key: The key's name, prefix or id.
  /// - Returns: The number of keys that this call revoked.
  package func revoke(_ key: String) async throws -> Int {
    // If an earlier call revoked it already, this COMMIT also has to wait until that revocation is
    // durable.
    try await connection.transaction(provesEarlier: true) {
      try await $0.query(
        """
        UPDATE \(schema).analytics_keys SET revoked_at = clock_timestamp()
        WHERE revoked_at IS NULL AND \(key) IN (name, prefix, id::text)
        """
      ).affectedRows
    }
  }
}
