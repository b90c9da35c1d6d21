import AnalyticsPostgres

/// The queries that find the events to show.
struct TailQuery: Sendable {
  var filter: EventFilter

  /// The partitions with their sizes and row counts. Has to run before the snapshot is taken.
  static let partitions: SQL = """
    SELECT part.oid::int8 AS oid, schema.nspname AS schema, part.relname AS name,
           pg_relation_size(part.oid) / current_setting('block_size')::int8 AS pages,
           pg_stat_get_tuples_inserted(part.oid) AS inserted
    FROM pg_catalog.pg_inherits AS link
    JOIN pg_catalog.pg_class AS part ON part.oid = link.inhrelid
    JOIN pg_catalog.pg_namespace AS schema ON schema.oid = part.relnamespace
    WHERE link.inhparent = 'analytics_events'::regclass AND part.relkind = 'r'
    """

  /// The newest events by time, oldest first.
  func last(_ count: Int) -> SQL {
    copy(
      """
      SELECT * FROM (
          SELECT \(EventColumns.select) FROM analytics_events WHERE \(filter.condition)
          ORDER BY timestamp DESC, id DESC LIMIT \(literal: count)) AS last
      """)
  }

  /// The events that the snapshot `now` sees and the last snapshot of their partition did not.
  func new(
    in places: [(partition: Partition, firstPage: Int, seen: Snapshot)], now: Snapshot
  ) -> SQL {
    // A row has only the low 32 bits of its transaction ID, which is less than `now.xmax`.
    let end: SQL = "\(literal: now.xmax)"
    let transaction: SQL =
      "greatest(\(end) - ((\(end) - xmin::text::int8) & 4294967295), 3)::text::xid8"
    let parts = places.map { place -> SQL in
      """
      SELECT \(EventColumns.select)
      FROM ONLY \(identifier: place.partition.schema).\(identifier: place.partition.name)
      WHERE ctid >= \(literal: "(\(place.firstPage),0)")
        AND NOT pg_visible_in_snapshot(\(transaction), \(literal: place.seen.text))
        AND \(filter.condition)
      """
    }
    return copy("SELECT * FROM (\(parts.joined(separator: " UNION ALL "))) AS new")
  }

  private func copy(_ select: SQL) -> SQL {
    "COPY (\(select) ORDER BY timestamp, id) TO STDOUT (FORMAT binary)"
  }
}
