internal import AnalyticsConnections
internal import AnalyticsPostgres

extension SQL {
  /// Returns a query for the retention boundary; NULL if retention has dropped nothing.
  static func droppedBefore(in schema: SchemaName) -> SQL {
    "SELECT (SELECT dropped_before FROM \(schema).analytics_retention)"
  }

  /// Returns a statement that raises the retention boundary to the latest `upper_bound`. The
  /// boundary never falls. Without rows it stays.
  ///
  /// - Parameter source: A relation with `upper_bound`.
  static func raiseBoundary(in schema: SchemaName, toTheEndOf source: SQL) -> SQL {
    """
    INSERT INTO \(schema).analytics_retention AS kept (dropped_before)
    SELECT max(upper_bound) FROM \(source) HAVING count(*) > 0
    ON CONFLICT (is_only)
        DO UPDATE SET dropped_before = greatest(kept.dropped_before, excluded.dropped_before)
    """
  }
}
