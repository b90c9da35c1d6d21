internal import Analytics
package import AnalyticsPostgres
package import Foundation

/// The events that the database refused: to look at, to send again, to purge.
///
/// For the role that owns the tables; a writer may only add to them.
package struct DeadLetters: Sendable {
  private let connection: PostgresConnection
  private let schema: SchemaName

  package init(on connection: PostgresConnection, schema: String?) async throws {
    self.connection = connection
    guard let schema = try await SchemaName.resolve(schema, on: connection) else {
      throw MaintenanceError(
        code: .notMigrated,
        description: "no schema of search_path exists in this database: create one or name it")
    }
    self.schema = schema
  }

  /// Which letters are meant.
  package enum Selection: Sendable {
    case all
    case ids([UUID])
    /// Refused that many days ago or more.
    case olderThan(days: Int)
  }

  /// How many there are.
  package func count() async throws(PostgresError) -> Int {
    try await connection.query(Statement.countDeadLetters.text(in: schema)).only().decode(at: 0)
  }

  /// A page of them, the latest first.
  ///
  /// - Parameter last: The last letter of the page before.
  package func page(
    of ids: [UUID]? = nil, after last: DeadLetter? = nil, limit: Int
  ) async throws(PostgresError) -> [DeadLetter] {
    let rows = try await connection.query(
      Statement.selectDeadLetters.text(in: schema),
      [
        ids.map { .uuidArray($0) } ?? .null, .int4(Int32(clamping: limit)),
        last.map { .timestamptz(microseconds: $0.refusedAt.microsecondsSincePostgresEpoch) }
          ?? .null,
        last.map { .uuid($0.id) } ?? .null,
      ])
    var letters: [DeadLetter] = []
    for row in rows { letters.append(try DeadLetter(row)) }
    return letters
  }

  /// Deletes letters for ever.
  ///
  /// - Returns: How many.
  package func purge(_ selection: Selection) async throws -> Int {
    let parameters: [PostgresParameter] =
      switch selection {
      case .all: [.null, .null]
      case .ids(let ids): [.uuidArray(ids), .null]
      case .olderThan(let days): [.null, .int4(Int32(clamping: days))]
      }
    // That they were deleted before has to be as safe as if they were now.
    return try await connection.transaction(provesEarlier: true) {
      try await $0.query(Statement.purgeDeadLetters.text(in: schema), parameters).affectedRows
    }
  }

  /// Forgets letters that are stored now.
  func forget(_ letters: [DeadLetter]) async throws(PostgresError) {
    _ = try await connection.query(
      Statement.deleteDeadLetters.text(in: schema),
      [
        .uuidArray(letters.map(\.id)),
        .timestamptzArray(
          microseconds: letters.map(\.refusedAt.microsecondsSincePostgresEpoch)),
      ])
  }
}
