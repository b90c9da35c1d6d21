package import AnalyticsConnections
internal import AnalyticsPostgres
internal import Foundation

/// A key, as the database has it.
package struct KeyRecord: Sendable, Hashable {
  var id: UUID
  var name: String
  var role: Role
  var hash: [UInt8]
}

/// The server's own queries besides reports: keys, the installation's ID, and readiness.
///
/// These queries have two connections that no report can occupy, so reports do not delay sign-ins.
/// They write only the day on which a key was last used, through a function.
package final class ServerDatabase: Sendable {
  private let reader: DatabaseReader

  /// Connects on the first query.
  ///
  /// - Parameter timeout: How long a statement may take; the wait for a connection before it is
  ///   limited to the same time.
  package init(
    _ database: AnalyticsDatabase, timeout: Duration = ReportServerLimits().lookupTimeout
  ) {
    reader = database.reader(.server(timeout: timeout))
  }

  /// The version of the oldest migration with which the server works.
  package static let migrationNeeded = 11

  /// Checks that the database answers and is migrated far enough.
  ///
  /// - Throws: A problem of status 503 that says what is missing.
  func requireReadiness() async throws {
    let version = try await ask { connection in
      try await connection.query("SELECT max(version) FROM analytics_migrations").value(Int?.self)
    }
    guard let version, version >= Self.migrationNeeded else { throw Problem.notMigrated() }
  }

  /// Returns the key with this hash, unless it was revoked.
  func key(hash: [UInt8]) async throws -> KeyRecord? {
    try await key("analytics_key(\(hash), NULL)")
  }

  /// Returns the key with this ID, unless it was revoked.
  func key(id: UUID) async throws -> KeyRecord? { try await key("analytics_key(NULL, \(id))") }

  private func key(_ source: SQL) async throws -> KeyRecord? {
    let found: (record: KeyRecord, isUsedToday: Bool)? = try await ask { connection in
      let rows = try await connection.query(
        "SELECT id, name, role, hash, is_used_today FROM \(source)")
      guard let row = rows.first, let role = Role(rawValue: try row.decode(String.self, "role"))
      else { return nil }
      return (
        KeyRecord(
          id: try row.decode(UUID.self, "id"), name: try row.decode(String.self, "name"),
          role: role,
          hash: Array(try row.decode(Data.self, "hash"))),
        try row.decode(Bool.self, "is_used_today")
      )
    }
    guard let found else { return nil }
    if !found.isUsedToday {
      // A standby cannot record the use. It accepts the key all the same.
      try? await reader.call("analytics_key_used(\(found.record.id))")
    }
    return found.record
  }

  /// Whether there is a key that would be accepted.
  func hasKeys() async throws -> Bool {
    try await ask { try await $0.query("SELECT analytics_has_keys()").value() }
  }

  /// Returns the ID and the signing key of this installation.
  package func instance() async throws -> InstanceRecord {
    try await ask { try await $0.instanceRecord() }
  }

  /// - Throws: A problem of status 503.
  private func ask<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    do { return try await reader.read(body) } catch let error as PostgresError {
      throw Problem(lookingUp: error)
    }
  }
}

extension Problem {
  /// Creates a problem of status 503.
  init(lookingUp error: PostgresError) {
    let error = StoreError(error, doing: "the look-up")
    switch error.code {
    case .notMigrated: self = .notMigrated(error.description)
    case .notGranted: self = .notGranted(error.description)
    default: self = .databaseAway(error.description)
    }
  }
}
