internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres

// Late events, for chunks that TimescaleDB has compressed.
//
// A unique key makes each row that goes there look through the compressed rows around its moment, up
// to a thousand for each type and service. COPY unpacks them all, and stores a few hundred rows a
// second, so that a batch meets its deadline, today and always. INSERT … ON CONFLICT asks their Bloom
// filters first, and stores ten times as many.

extension PostgresEventSink {
  /// Younger events are not asked for: to compress a chunk within the hour would be strange, and slow
  /// only.
  private static let youngMicroseconds: Int64 = 25 * 3_600_000_000
  /// The more a chunk holds, the longer a row takes: 0.7 ms at four million.
  private static let timeForRow: Duration = .milliseconds(30)

  /// Whether rows of the batch go to compressed chunks.
  ///
  /// - Parameter start: What `begin_ingest` returned.
  func isLate(
    _ batch: EventBatch, after start: PostgresRow, in schema: SchemaName,
    on connection: PostgresConnection
  ) async throws(PostgresError) -> Bool {
    guard try start.decode(Bool.self, "may_be_compressed") else { return false }
    let young = try IngestBounds(start).acceptsBefore - Self.youngMicroseconds
    guard batch.hasRow(where: { $0 < young }) else { return false }
    let rows = try await connection.query(
      """
      SELECT range_start, range_end FROM timescaledb_information.chunks
      WHERE hypertable_schema = \(schema.name) AND hypertable_name = 'analytics_events'
        AND is_compressed
      """)
    var ranges: [Range<Int64>] = []
    for row in rows {
      let lower = try row.decode(PostgresTimestamp.self, "range_start").microseconds
      ranges.append(lower..<(try row.decode(PostgresTimestamp.self, "range_end").microseconds))
    }
    var compressed = PartitionCache()
    compressed.insert(ranges)
    return batch.hasRow { compressed.range(around: $0) != nil }
  }

  /// How long storing them may take, where the usual time could be too short.
  func deadline(forLate batch: EventBatch, on connection: PostgresConnection) -> Duration? {
    connection.configuration.statementTimeout.map { max($0, Self.timeForRow * batch.rowCount) }
  }
}

extension EventBatch {
  fileprivate func hasRow(where matches: (_ instant: Int64) -> Bool) -> Bool {
    var isFound = false
    forEachRow { row in
      isFound = isFound || matches(row.timestamp.microsecondsSincePostgresEpoch)
    }
    return isFound
  }
}
