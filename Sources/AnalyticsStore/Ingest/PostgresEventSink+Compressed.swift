internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres

// Late events, which belong to chunks that TimescaleDB has compressed.
//
// Because of the unique key, each such row is compared with the compressed rows around its time, up
// to a thousand for each type and service. COPY decompresses all of them and stores only a few
// hundred rows a second, so a batch would miss its deadline every time. INSERT … ON CONFLICT checks
// Bloom filters first and stores ten times as many.

extension PostgresEventSink {
  /// Subtracted from ``IngestBounds/acceptsBefore``, which is 24 hours from now: events of the last
  /// hour are not checked. A chunk is hardly ever compressed within the hour, and if it were,
  /// storing would only be slow.
  private static let youngMicroseconds: Int64 = 25 * 3_600_000_000
  /// The time allowed for each row. It grows with the size of the chunk: 0.7 ms at four million
  /// rows.
  private static let timeForRow: Duration = .milliseconds(30)

  /// Returns whether rows of the batch belong to compressed chunks.
  ///
  /// - Parameter start: The row that `analytics_begin_ingest` returned.
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

  /// Returns a deadline for storing late rows that is at least the usual one; `nil` if there is no
  /// usual one.
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
