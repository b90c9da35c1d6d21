internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// Who was ever seen, and by which number sets know them: what is kept, with what is pending.
enum Members {
  /// The tables behind the views.
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
    // What is kept alone: readers join it with what is pending (see Source.joins).
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

  /// For people: each member by UTC day, with the quarters of an hour in which it was seen.
  ///
  /// Days come from their own sets, so that whoever asks for a few of them reads the quarters of those. The
  /// condition is true, or raises an error where the snapshot is older than the sets.
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
