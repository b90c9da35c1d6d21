internal import AnalyticsPostgres
internal import AnalyticsText

/// Roles besides the owner (see ``Migrator/setOwner(_:)``). They are to be granted to those that log
/// in.
public struct AnalyticsRoles: Sendable, Hashable {
  /// May store events, and see none.
  public var writer: String
  /// May read events, and store nothing.
  public var reader: String

  /// Names the roles.
  public init(writer: String = "analytics_writer", reader: String = "analytics_reader") {
    self.writer = writer
    self.reader = reader
  }

  /// What became of them.
  public enum Outcome: Sendable, Hashable {
    /// They are there and have their rights.
    case granted
    /// Something is missing that this login may not do: this SQL would. Nothing was changed.
    case mustBeCreated(sql: String)
  }
}

extension Migrator {
  /// Makes the roles where they are missing, and grants them their rights in this schema.
  ///
  /// Grants need no more than owning the tables. Again it does the same.
  @discardableResult
  public func grant(_ roles: AnalyticsRoles) async throws(MigrationError) -> AnalyticsRoles.Outcome
  {
    try await connected { session in
      let waiting = try await session.readOnlyHistory(migrations).pending(.pre)
      guard waiting.isEmpty else { throw MigrationError.rolesBeforeTables }
      return try await session.connection.transaction { connection in
        let missing = try await connection.query(
          Statement.missingRoles.text, [.textArray([roles.writer, roles.reader])])
        let creation = try missing.map { row in
          "CREATE ROLE \(SQLText.identifier(try row.decode(String.self, "name"))) NOLOGIN;"
        }.joined(separator: "\n")
        if let row = missing.first {
          guard try row.decode(Bool.self, "may_create") else {
            return .mustBeCreated(sql: creation)
          }
          try await connection.execute(creation)
        }
        try await session.grant(.grantWriter, to: roles.writer)
        try await session.grant(.grantReader, to: roles.reader)
        try await connection.execute(
          "SET LOCAL search_path = \(session.schema.quoted), pg_temp;"
            + Statement.grantRollups.text(in: session.schema))
        return .granted
      }
    }
  }
}

extension MigrationSession {
  /// Grants what new migrations brought to the roles that have had their rights before.
  func grantToRolesAgain() async throws {
    for row in try await connection.query(Statement.grantedRoles.text, [.text(schema.name)]) {
      let isWriter = try row.decode(Bool.self, at: 0)
      try await grant(isWriter ? .grantWriter : .grantReader, to: try row.decode(at: 1))
    }
  }

  fileprivate func grant(_ rights: Statement, to role: String) async throws(PostgresError) {
    try await connection.execute(
      rights.text(in: schema, ["role": SQLText.identifier(role)]))
  }
}

extension MigrationError {
  fileprivate static let rolesBeforeTables = Self(
    code: .outOfOrder,
    description: "roles are granted rights on tables that are not there yet: run "
      + "`analytics-migrate pre` first; nothing was changed")
}
