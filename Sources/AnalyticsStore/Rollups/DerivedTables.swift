internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// `analytics_users`: who was ever there, derived from the days on which users were seen.
enum Users {
  /// The relation it is derived from.
  static let source = SQL.identifier(relation)
  private static let relation = Rollup.activity.memberRelation(Rollup.activity.measures[0])

  /// The table of one version of it.
  static func source(version: Int) -> SQL { .identifier("\(relation)_v\(version)") }

  /// - Parameter source: Rows with `day` and `member`.
  static func upsert(from source: SQL) -> SQL {
    """
    INSERT INTO analytics_users AS kept (user_id, first_day, last_day)
    SELECT member, min(day), max(day) FROM \(source) GROUP BY member ORDER BY member
    ON CONFLICT (user_id) DO UPDATE
        SET first_day = least(kept.first_day, excluded.first_day),
            last_day = greatest(kept.last_day, excluded.last_day)
        WHERE excluded.first_day < kept.first_day OR excluded.last_day > kept.last_day
    """
  }
}

/// `stat_environment_updates`: the rollup of all events by UTC day and environment alone.
enum EnvironmentUpdates {
  /// What the table should hold of events `e`.
  static func selection(from source: SQL, where condition: SQL) -> SQL {
    """
    SELECT day, environment, count(*) AS updates
    FROM (SELECT (e.timestamp AT TIME ZONE 'UTC')::date AS day,
                 \(Dimension("environment", .environment).expression) AS environment
          FROM \(source) AS e WHERE \(condition)) AS events
    WHERE environment <> '' GROUP BY 1, 2
    """
  }

  /// - Parameter quarters: Rows of the rollup of all events.
  static func upsert(from quarters: SQL) -> SQL {
    """
    INSERT INTO stat_environment_updates AS kept (day, environment, updates)
    SELECT (quarter AT TIME ZONE 'UTC')::date, environment, sum(events)::bigint
    FROM \(quarters) WHERE environment <> '' GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (day, environment) DO UPDATE SET updates = kept.updates + excluded.updates
    """
  }
}
