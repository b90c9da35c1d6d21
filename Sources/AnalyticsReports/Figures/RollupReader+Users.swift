internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

extension RollupReader {
  /// How many members were seen in the last hours, for windows of whole days of 24 hours that end at one instant.
  mutating func members(
    _ query: MemberQuery, now: Date, days: [Int]
  ) async throws(PostgresError) -> [Int] {
    let members = try await members(
      query, in: days.map { now.addingTimeInterval(-Double($0) * 86_400)..<now })
    return days.indices.map { members[[], $0] }
  }

  /// How many users there ever were; with a filter, how many ever had such an event.
  func usersEver(where filter: DimensionFilter = []) async throws(PostgresError) -> Int {
    guard filter.isEmpty else {
      return try await connection.query(
        """
        SELECT coalesce(sum(bit_count(u._members)), 0)::bigint
        FROM (SELECT bit_or(_members) AS _members
              FROM analytics_rollup_activity_users_daily\(filter.condition) GROUP BY _chunk) AS u
        """
      ).value()
    }
    return try await connection.query(
      """
      SELECT coalesce(sum(upper(r.numbers) - lower(r.numbers)), 0)::bigint
      FROM analytics_users_by_first_day AS d CROSS JOIN unnest(d.numbers) AS r (numbers)
      """
    ).value()
  }
}
