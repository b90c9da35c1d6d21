internal import Analytics
package import AnalyticsConnections
package import AnalyticsPostgres
package import Foundation

/// The events that the database refused: to look at, to send again, to purge.
///
/// For the role that owns the tables; a writer may only add to them.
package struct DeadLetters: Sendable {
  private let connection: PostgresConnection
  private let schema: SchemaName

  package init(_ database: AnalyticsDatabase, on connection: PostgresConnection) async throws {
    self.connection = connection
    schema = try await database.schema(on: connection)
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
    try await connection.query("SELECT count(*) FROM \(schema).analytics_dead_letters").value()
  }

  /// A page of them, the latest first.
  ///
  /// - Parameter last: The last letter of the page before.
  package func page(
    of ids: [UUID]? = nil, after last: DeadLetter? = nil, limit: Int
  ) async throws(PostgresError) -> [DeadLetter] {
    var isWanted: SQL = "true"
    if let ids { isWanted += " AND id = ANY (\(ids))" }
    if let last { isWanted += " AND (refused_at, id) < (\(last.refusedAt.postgres), \(last.id))" }
    let rows = try await connection.query(
      """
      SELECT id, timestamp, layout, row, reason, refused_at, attempts
      FROM \(schema).analytics_dead_letters
      WHERE \(isWanted) ORDER BY refused_at DESC, id DESC LIMIT \(limit)
      """)
    var letters: [DeadLetter] = []
    for row in rows { letters.append(try DeadLetter(row)) }
    return letters
  }

  /// Deletes letters for ever.
  ///
  /// - Returns: How many.
  package func purge(_ selection: Selection) async throws -> Int {
    let isMeant: SQL =
      switch selection {
      case .all: "true"
      case .ids(let ids): "id = ANY (\(ids))"
      case .olderThan(let days):
        "refused_at < now() - make_interval(days => \(Int32(clamping: days)))"
      }
    // That they were deleted before has to be as safe as if they were now.
    return try await connection.transaction(provesEarlier: true) {
      try await $0.query(
        "DELETE FROM \(schema).analytics_dead_letters WHERE \(isMeant)"
      ).affectedRows
    }
  }

  /// Forgets letters that are stored now. One that was refused once more meanwhile stays.
  func forget(_ letters: [DeadLetter]) async throws(PostgresError) {
    _ = try await connection.query(
      """
      DELETE FROM \(schema).analytics_dead_letters WHERE (id, refused_at) IN (
          SELECT * FROM unnest(\(letters.map(\.id)), \(letters.map(\.refusedAt.postgres))))
      """)
  }
}
