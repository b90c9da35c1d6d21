internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Synchronization

// The schema and the partitions that the sink remembers.

extension PostgresEventSink {
  /// Returns the schema of the tables, and remembers it.
  func schema(on connection: PostgresConnection) async throws -> SchemaName {
    if let known = state.withLock({ $0.schema }) { return known }
    let schema = try await database.schema(on: connection)
    state.withLock { $0.schema = schema }
    return schema
  }

  /// Creates the missing partitions for the rows that the database accepts.
  ///
  /// - Returns: Whether a partition had to be created.
  @discardableResult
  func ensurePartitions(
    for batch: EventBatch, in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> Bool {
    // The scan costs some nanoseconds per row. A COPY that runs into a missing partition loses all
    // its work, once for each missing partition.
    guard !state.withLock({ $0.partitions.daysWithoutPartition(batch) }).isEmpty else {
      return false
    }
    // Events that will be rejected (from a host whose clock is wrong, or an old import) need no
    // partition.
    let bounds = try await connection.query(
      "SELECT accepts_from, accepts_before FROM \(schema).analytics_ingest_bounds()"
    ).only()
    guard let accepted = ScreenedBatch(batch, try IngestBounds(bounds)).accepted else {
      return false
    }
    let instants = state.withLock { $0.partitions.daysWithoutPartition(accepted) }
      .map(PostgresTimestamp.init(microseconds:))
    guard !instants.isEmpty else { return false }
    let rows = try await raisedErrorsAsRetries {
      try await connection.query(
        """
        SELECT lower_bound, upper_bound, is_new
        FROM \(schema).analytics_ensure_partitions(\(instants))
        """)
    }
    var ranges: [Range<Int64>] = []
    var madeSome = false
    for row in rows {
      let lower = try row.decode(PostgresTimestamp.self, "lower_bound").microseconds
      let upper = try row.decode(PostgresTimestamp.self, "upper_bound").microseconds
      madeSome = try row.decode(Bool.self, "is_new") || madeSome
      ranges.append(lower..<upper)
    }
    state.withLock { $0.partitions.insert(ranges) }
    return madeSome
  }

  /// Forgets the schema and the partitions after a failure, since both may have changed. Errors
  /// about the data change nothing.
  func forget(after error: PostgresError) {
    if error.isDataError { return }
    state.withLock { state in
      state.schema = nil
      state.partitions = PartitionCache()
    }
  }
}
