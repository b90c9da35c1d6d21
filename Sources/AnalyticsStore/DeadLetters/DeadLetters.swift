internal import Analytics
package import AnalyticsConnections
package import AnalyticsPostgres
package import Foundation

/// The dead letters of a database: list, retry and purge them.
///
/// All of these need the role that owns the tables. A writer may only add dead letters.
package struct DeadLetters: Sendable {
  private let connection: PostgresConnection
  private let schema: SchemaName

  package init(_ database: AnalyticsDatabase, on connection: PostgresConnection) async throws {
    self.connection = connection
    schema = try await database.schema(on: connection)
  }

  /// A selection of dead letters.
  package enum Selection: Sendable {
    case all
    case ids([UUID])
    /// Last refused at least this many days ago.
    case olderThan(days: Int)
  }

  /// Returns the number of dead letters.
  package func count() async throws(PostgresError) -> Int {
    try await connection.query("SELECT count(*) FROM \(schema).analytics_dead_letters").value()
  }

  /// Returns a page of dead letters, the latest refusal first.
  ///
  /// - Parameter last: The last letter of the previous page.
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

  /// Deletes dead letters for good.
  ///
  /// - Returns: The number of deleted letters.
  package func purge(_ selection: Selection) async throws -> Int {
    let isSelected: SQL =
      switch selection {
      case .all: "true"
      case .ids(let ids): "id = ANY (\(ids))"
      case .olderThan(let days):
        "refused_at < now() - make_interval(days => \(Int32(clamping: days)))"
      }
    // If an earlier call deleted them already, this COMMIT also has to wait until that deletion is
    // durable.
    return try await connection.transaction(provesEarlier: true) {
      try await $0.query(
        "DELETE FROM \(schema).analytics_dead_letters WHERE \(isSelected)"
      ).affectedRows
    }
  }

  /// Deletes letters whose events are stored now. A letter that was refused again in the meantime
  /// stays.
  func forget(_ letters: [DeadLetter]) async throws(PostgresError) {
    _ = try await connection.query(
      """
      DELETE FROM \(schema).analytics_dead_letters WHERE (id, refused_at) IN (
          SELECT * FROM unnest(\(letters.map(\.id)), \(letters.map(\.refusedAt.postgres))))
      """)
  }
}
