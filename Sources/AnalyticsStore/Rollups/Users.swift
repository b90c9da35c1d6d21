internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// `analytics_users`: who was ever there, derived from the days on which users were seen.
enum Users {
  /// The table behind the view.
  static let kept: SQL = "analytics_users_kept"
  /// The relation it is derived from.
  static let source = SQL.identifier(Rollup.activity.memberRelation(Rollup.activity.measures[0]))

  /// - Parameter source: Rows with `day` and `member`.
  static func upsert(from source: SQL) -> SQL {
    """
    INSERT INTO \(kept) AS kept (user_id, first_day, last_day)
    SELECT member, min(day), max(day) FROM \(source) GROUP BY member
    ON CONFLICT (user_id) DO UPDATE
        SET first_day = least(kept.first_day, excluded.first_day),
            last_day = greatest(kept.last_day, excluded.last_day)
        WHERE excluded.first_day < kept.first_day OR excluded.last_day > kept.last_day
    """
  }
}
