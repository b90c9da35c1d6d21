internal import AnalyticsPostgres
package import AnalyticsReports
internal import AnalyticsTelemetry
package import Foundation

/// What the database knows of a key.
package struct KeyRecord: Sendable, Hashable {
  var id: UUID
  var name: String
  var role: Role
  var hash: [UInt8]
}

/// Who this installation is, and what its statistics are signed with.
package struct InstanceRecord: Sendable, Hashable {
  package var id: UUID
  package var signingKey: [UInt8]
}

/// What the server asks the database besides reports: keys, who the instance is, whether all is there.
///
/// Two connections of its own, so that no report keeps anybody from signing in. As a reader: it can
/// change nothing but the day on which a key was last used, through a function.
package final class ServerDatabase: Sendable {
  private let pool: PostgresPool
  private let schema: String?

  /// Connects with the first question.
  ///
  /// - Parameter timeout: How long a statement may take, and before it the wait for a connection.
  /// - Throws: ``ReportError`` if the URL cannot be understood.
  package init(
    url: String, schema: String?, timeout: Duration = ReportServerLimits().lookupTime
  ) throws(ReportError) {
    do {
      var configuration = try PostgresConfiguration(url: url)
      configuration.statementTimeout = timeout
      pool = PostgresPool(configuration, limits: .init(maximum: 2, waitTimeout: timeout))
      self.schema = schema
    } catch {
      throw ReportError(.connection, error.description)
    }
  }

  package func shutDown() async { await pool.shutDown() }

  /// The migration without which the server cannot work.
  package static let migrationNeeded = 11

  /// - Throws: A problem of status 503 that says what is missing.
  func requireReadiness() async throws {
    let version = try await ask { connection in
      try await connection.query("SELECT max(version) FROM analytics_migrations").value(Int?.self)
    }
    guard let version, version >= Self.migrationNeeded else { throw Self.notMigrated }
  }

  /// The key with this hash, unless it was revoked.
  func key(hash: [UInt8]) async throws -> KeyRecord? {
    try await key("analytics_key(\(hash), NULL)")
  }

  /// The key with this id, unless it was revoked.
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
      // A standby cannot write it down, and lets the key in all the same.
      _ = try? await ask {
        try await $0.query("SELECT FROM analytics_key_used(\(found.record.id))")
      }
    }
    return found.record
  }

  /// Whether any key would be let in.
  func hasKeys() async throws -> Bool {
    try await ask { try await $0.query("SELECT analytics_has_keys()").value() }
  }

  /// Who this installation is.
  package func instance() async throws -> InstanceRecord {
    try await ask { connection in
      let row = try await connection.query("SELECT id, signing_key FROM analytics_instance").only()
      return InstanceRecord(
        id: try row.decode(UUID.self, "id"),
        signingKey: Array(try row.decode(Data.self, "signing_key")))
    }
  }

  /// What becomes of a document of a deployment.
  enum Receipt: String {
    case stored
    /// It was stored before.
    case known
    /// Something else is stored of that period.
    case differs
    /// The deployment has another key.
    case foreign
  }

  /// Stores a document whose signature is valid.
  func receive(_ document: TelemetryDocument, bytes: [UInt8]) async throws -> Receipt {
    let period = document.snapshot?.period
    let range = period?.range
    let publicKey = Array(Data(base64Encoded: document.publicKey) ?? Data())
    let text = PostgresParameter.jsonb(String(decoding: bytes, as: UTF8.self))
    let receipt: String = try await ask(writes: true) { connection in
      try await connection.query(
        """
        SELECT analytics_telemetry_receive(
            \(document.deployment)::uuid, \(publicKey), \(period?.id), \(range?.lowerBound),
            \(range?.upperBound), \(text))
        """
      ).value()
    }
    guard let receipt = Receipt(rawValue: receipt) else { throw Self.notMigrated }
    return receipt
  }

  /// - Throws: A problem of status 503.
  @discardableResult
  private func ask<Result: Sendable>(
    writes: Bool = false, _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    do {
      return try await pool.withConnection { connection in
        // A deployment whose document is known already forgets it.
        try await connection.transaction(provesEarlier: writes) { connection in
          if !writes {
            try await connection.onlyRead(schema)
          } else if let schema {
            _ = try await connection.query(
              "SELECT set_config('search_path', quote_ident(\(schema)), true)")
          }
          return try await body(connection)
        }
      }
    } catch let error as PostgresError {
      switch error.sqlState {
      case .unknownTable, .unknownSchema, .unknownFunction, .unknownColumn: throw Self.notMigrated
      case .insufficientPrivilege: throw Self.notGranted
      default: throw Problem.databaseAway(error.description)
      }
    }
  }

  private static let notMigrated = Problem.unavailable(
    "the analytics tables are missing or too old: run `analytics migrate`")
  private static let notGranted = Problem.unavailable(
    "the database user may not read what the server needs: run `analytics migrate roles`")
}
