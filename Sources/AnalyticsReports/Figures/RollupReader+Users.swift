internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
internal import Foundation

extension RollupReader {
  /// Counts members in windows that end at `now`. The windows last as many days, of 24 hours each,
  /// as `days` says.
  mutating func members(
    _ query: MemberQuery, now: Date, days: [Int]
  ) async throws(PostgresError) -> [Int] {
    let members = try await members(query, in: days.map { now.addingDays(-$0)..<now })
    return days.indices.map { members[[], $0] }
  }

  /// Counts the users of all time; with a filter, those who ever had a matching event.
  func usersEver(where filter: DimensionFilter = []) async throws(PostgresError) -> Int {
    guard filter.isEmpty else {
      return try await membersEver(Measure.users.name, of: .activity, where: filter)
    }
    return try await connection.query(
      """
      SELECT coalesce(sum(upper(r.numbers) - lower(r.numbers)), 0)::bigint
      FROM analytics_users_by_first_day AS d CROSS JOIN unnest(d.numbers) AS r (numbers)
      """
    ).value()
  }

  /// Counts the members of a distinct measure over all time.
  ///
  /// - Parameter former: A measure that older versions of the rollup had in its place, and the
  ///   version that replaced it.
  func membersEver(
    _ measure: String, of rollup: Rollup, where filter: DimensionFilter = [],
    former: (measure: String, before: Int)? = nil
  ) async throws(PostgresError) -> Int {
    func rows(_ measure: String) -> SQL {
      let relation = rollup.dailyMemberRelation(MemberQuery(measure, of: rollup).measure)
      return "SELECT _chunk, _members, version FROM \(identifier: relation)\(filter.condition)"
    }
    let older = former.map { former -> SQL in
      """
      UNION ALL
      SELECT * FROM (\(rows(former.measure))) AS former WHERE version < \(literal: former.before)
      """
    }
    return try await connection.query(
      """
      SELECT coalesce(sum(bit_count(s._members)), 0)::bigint
      FROM (SELECT bit_or(_members) AS _members
            FROM (\(rows(measure))
                  \(older ?? "")) AS kept GROUP BY _chunk) AS s
      """
    ).value()
  }
}
