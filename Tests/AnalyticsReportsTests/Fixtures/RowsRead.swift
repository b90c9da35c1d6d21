import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestSupport

extension ReportFixture {
  /// The same database with a setting of the server, such as `role`.
  func database(_ setting: String, _ value: String, connectionsMax: Int = 1) throws
    -> ReportDatabase
  {
    let separator = url.contains("?") ? "&" : "?"
    return try ReportDatabase(
      AnalyticsDatabase(url: "\(url)\(separator)options=-c%20\(setting)%3D\(value)"),
      connectionsMax: connectionsMax)
  }

  /// How many rows of each table were read, with any plan: rows of sequential scans and entries of indexes. Tables
  /// without reads are left out.
  ///
  /// Indexes are used for small tables, too, because this measures what the query allows. The smaller of two
  /// measurements counts: a session that has ended, such as the one that stored the events, may report its own counts a
  /// moment later.
  func rowsRead(
    by body: (ReportDatabase) async throws -> Void
  ) async throws -> [String: Int] {
    let first = try await rowsReadOnce(by: body)
    let second = try await rowsReadOnce(by: body)
    return first.merging(second, uniquingKeysWith: min).filter {
      first[$0.key] != nil && second[$0.key] != nil
    }
  }

  private func rowsReadOnce(
    by body: (ReportDatabase) async throws -> Void
  ) async throws -> [String: Int] {
    let database = try database("enable_seqscan", "off")
    // Otherwise the test's own reads might be counted seconds later.
    _ = try await connection.query("SELECT pg_stat_force_next_flush()")
    let before = try await rowsRead()
    try await body(database)
    // The only session of `database` reports its counts now.
    try await database.read { connection in
      _ = try await connection.query("SELECT pg_stat_force_next_flush()")
    }
    let after = try await rowsRead()
    return after.merging(before, uniquingKeysWith: -).filter { $0.value > 0 }
  }

  private func rowsRead() async throws -> [String: Int] {
    let rows = try await connection.query(
      """
      SELECT t.relname::text, t.seq_tup_read
             + coalesce((SELECT sum(i.idx_tup_read)::bigint FROM pg_stat_user_indexes AS i
                         WHERE i.relid = t.relid), 0)
      FROM pg_stat_user_tables AS t
      """)
    var counts: [String: Int] = [:]
    for row in rows {
      counts[try row.decode(String.self, at: 0)] = try row.decode(Int.self, at: 1)
    }
    return counts
  }
}
