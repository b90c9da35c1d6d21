internal import AnalyticsPostgres
internal import AnalyticsRollups

/// The users and other members that were ever seen, with the numbers that sets have for them. The
/// views combine the stored ones with those of pending events.
enum Members {
  /// The tables that the views read.
  static let keptUsers: SQL = "analytics_users_kept"
  static let keptTexts: SQL = "analytics_members_kept"
  static let keptFirstDays: SQL = "analytics_users_by_first_day_kept"

  static let viewNames = [
    "analytics_users", "analytics_user_numbers", "analytics_member_numbers",
    "analytics_users_by_first_day",
  ]

  static let views: [SQL] = [
    """
    CREATE VIEW analytics_users AS
    WITH pending AS MATERIALIZED (SELECT * FROM analytics_pending_users())
    SELECT user_id, number, first_day FROM \(keptUsers) AS kept
    WHERE NOT EXISTS (SELECT FROM pending)
       OR NOT EXISTS (SELECT FROM pending WHERE pending.user_id = kept.user_id)
    UNION ALL
    SELECT user_id, number, first_day FROM pending
    """,
    // These views have the stored members only. Readers join them with those of pending events (see
    // Source.joins).
    "CREATE VIEW analytics_user_numbers AS SELECT user_id, number FROM \(keptUsers)",
    "CREATE VIEW analytics_member_numbers AS SELECT kind, member, number FROM \(keptTexts)",
    """
    CREATE VIEW analytics_users_by_first_day AS
    WITH pending AS MATERIALIZED (SELECT * FROM analytics_pending_users())
    SELECT first_day,
           CASE WHEN EXISTS (SELECT FROM pending WHERE kept_day = kept.first_day)
                THEN numbers - (SELECT range_agg(int4range(number, number + 1)) FROM pending
                                WHERE kept_day = kept.first_day)
                ELSE numbers END AS numbers
    FROM \(keptFirstDays) AS kept
    UNION ALL
    SELECT first_day, range_agg(int4range(number, number + 1)) FROM pending GROUP BY first_day
    """,
  ]

  /// Returns the view of a distinct measure for people: each member by UTC day, with the quarters
  /// of an hour in which it was seen.
  ///
  /// The days come from the sets by day, so that a query for a few days reads only the quarters of
  /// those. The condition is always true, except that it raises an error if the reader's snapshot
  /// is older than the sets.
  static func view(of measure: Measure, in rollup: Rollup) -> SQL? {
    guard let source = measure.source else { return nil }
    let dimensions = rollup.dimensions.map { "q.\($0.sql), " as SQL }.joined(separator: "")
    return """
      CREATE VIEW \(identifier: rollup.memberRelation(measure)) AS
      SELECT d.day, \(dimensions)\(Source.member) AS member,
             bit_or(analytics_quarter_bit(q.quarter)) AS quarters, q.version
      FROM (SELECT DISTINCT day FROM \(identifier: rollup.dailyMemberRelation(measure))) AS d
      CROSS JOIN LATERAL (
          SELECT * FROM \(identifier: rollup.quarterlyMemberRelation(measure)) AS q
          WHERE q.quarter >= d.day AND q.quarter < d.day + interval '1 day' OFFSET 0) AS q
      CROSS JOIN LATERAL analytics_places(q._members) AS _place
      \(source.joins(toNumber: "q._chunk * 32000 + _place"))
      WHERE analytics_next_number('') >= 0
      GROUP BY d.day, \(dimensions)\(Source.member), q.version
      """
  }
}
