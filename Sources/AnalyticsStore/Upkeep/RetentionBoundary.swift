internal import AnalyticsConnections
internal import AnalyticsPostgres

extension SQL {
  /// Up to where retention has dropped; NULL if it has not.
  static func droppedBefore(in schema: SchemaName) -> SQL {
    "SELECT (SELECT dropped_before FROM \(schema).analytics_retention)"
  }

  /// Raises the boundary, which never falls, where there are rows.
  ///
  /// - Parameter source: Rows with `upper_bound`.
  static func raiseBoundary(in schema: SchemaName, toTheEndOf source: SQL) -> SQL {
    """
    INSERT INTO \(schema).analytics_retention AS kept (dropped_before)
    SELECT max(upper_bound) FROM \(source) HAVING count(*) > 0
    ON CONFLICT (is_only)
        DO UPDATE SET dropped_before = greatest(kept.dropped_before, excluded.dropped_before)
    """
  }
}
