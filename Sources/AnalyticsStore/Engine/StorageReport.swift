internal import AnalyticsConnections
internal import AnalyticsPostgres
package import Foundation

/// The engine that keeps the events, and the space they take, according to PostgreSQL's system
/// catalogue. Reading it writes nothing and counts no rows.
package struct StorageReport: Sendable, Hashable {
  /// The space that one kind of partitions or chunks takes.
  package struct Space: Sendable, Hashable {
    package var partitions = 0
    /// The size in bytes, with indexes and TOAST tables.
    package var bytes = 0
    /// The size of those partitions whose number of rows has been estimated.
    package var sampledBytes = 0
    /// The estimated number of rows.
    package var rows = 0.0

    package init(partitions: Int = 0, bytes: Int = 0, sampledBytes: Int = 0, rows: Double = 0) {
      (self.partitions, self.bytes) = (partitions, bytes)
      (self.sampledBytes, self.rows) = (sampledBytes, rows)
    }

    /// The average size of an event; `nil` if there is no estimate yet.
    package var bytesPerEvent: Int? {
      rows >= 1 ? Int((Double(sampledBytes) / rows).rounded()) : nil
    }
  }

  /// A job of TimescaleDB's scheduler.
  package struct Job: Sendable, Hashable {
    package var id: Int
    /// The age at which chunks are compressed or dropped, such as `90 days`.
    package var age: String
    package var isScheduled: Bool
    /// The time of the next run; `nil` if none is planned.
    package var nextRun: Date?
    /// The start of the last run, if it failed.
    package var failedAt: Date?
    /// The number of failed runs since the last success.
    package var failuresInARow: Int
    /// Whether its last run ended without reporting a result.
    package var hasCrashed: Bool
    /// Whether it is more than an hour overdue.
    package var isLate: Bool
    /// The time of the last successful run; `nil` if there was none.
    package var lastSuccess: Date?

    package init(
      id: Int, age: String, isScheduled: Bool = true, nextRun: Date? = nil,
      failedAt: Date? = nil, failuresInARow: Int = 0, hasCrashed: Bool = false,
      isLate: Bool = false, lastSuccess: Date? = nil
    ) {
      (self.id, self.age, self.isScheduled, self.nextRun) = (id, age, isScheduled, nextRun)
      (self.failedAt, self.failuresInARow) = (failedAt, failuresInARow)
      self.hasCrashed = hasCrashed
      (self.isLate, self.lastSuccess) = (isLate, lastSuccess)
    }
  }

  package var engine: StorageEngine
  package var postgresVersion: String
  /// The version of the extension; `nil` if it is not installed. With the extension, events may
  /// still be kept by plain PostgreSQL.
  package var timescaleVersion: String?
  package var plain = Space()
  package var compressed = Space()
  /// The number of chunks that the compression job should have compressed by now.
  package var overdue = 0
  /// The columns by which compressed rows are grouped, separated by commas.
  package var segmentedBy = ""
  /// The compression job; `nil` if there is none.
  package var compression: Job?
  /// The retention job; `nil` if there is none.
  package var retention: Job?
  /// The retention boundary: raw events before it were dropped. `nil` if none were, or if the login
  /// may not read it.
  package var droppedBefore: Date?

  package init(engine: StorageEngine, postgresVersion: String, timescaleVersion: String? = nil) {
    self.engine = engine
    self.postgresVersion = postgresVersion
    self.timescaleVersion = timescaleVersion
  }
}

extension Migrator {
  /// Reads the report.
  ///
  /// - Returns: `nil` if the table does not exist yet.
  package func storage() async throws(StoreError) -> StorageReport? {
    try await connected(doing: Self.readingState) { session in
      guard let location = try await EngineLocation.read(session.schema, on: session.connection)
      else {
        return nil
      }
      return try await StorageReport.read(
        location.engine, in: session.schema, on: session.connection)
    }
  }
}

// MARK: - Reading

extension StorageReport {
  static func read(
    _ engine: StorageEngine, in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> StorageReport {
    let versions = try await connection.query(
      """
      SELECT split_part(current_setting('server_version'), ' ', 1) AS postgres,
             (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb')
                 AS timescale
      """
    ).only()
    var report = StorageReport(
      engine: engine, postgresVersion: try versions.decode(String.self, "postgres"),
      timescaleVersion: try versions.decode(String?.self, "timescale"))
    switch engine {
    case .plain:
      try report.readSpace(try await connection.query(plainSpace(in: schema)))
    case .timescale:
      try report.readSpace(try await connection.query(chunkSpace(in: schema)))
      try report.readJobs(try await connection.query(jobs(in: schema)))
      report.segmentedBy = try await connection.query(
        """
        SELECT coalesce(string_agg(attname, ', ' ORDER BY segmentby_column_index), '')
        FROM timescaledb_information.compression_settings
        WHERE hypertable_schema = \(schema.name) AND hypertable_name = 'analytics_events'
          AND segmentby_column_index IS NOT NULL
        """
      ).value()
    }
    report.droppedBefore = try await boundary(in: schema, on: connection)
    return report
  }

  /// Partitions that have not been analysed have no estimate of rows, so they do not count towards
  /// the size of an event.
  private static func plainSpace(in schema: SchemaName) -> SQL {
    """
    SELECT false AS is_compressed, count(*) AS partitions, 0::int8 AS overdue,
           sum(size.bytes)::int8 AS bytes,
           sum(size.bytes) FILTER (WHERE reltuples > 0)::int8 AS sampled,
           sum(greatest(reltuples, 0))::float8 AS rows
    FROM \(schema).analytics_partitions() AS part
    JOIN pg_catalog.pg_class ON oid = part.partition
    CROSS JOIN LATERAL (SELECT pg_total_relation_size(oid) AS bytes) AS size
    """
  }

  /// A chunk's compressed rows are in a table of their own. The chunk itself holds rows that
  /// arrived later. A chunk is overdue if it has been old enough to be compressed for longer than
  /// one interval of the policy.
  private static func chunkSpace(in schema: SchemaName) -> SQL {
    """
    WITH policy AS (
        SELECT (config->>'compress_after')::interval + schedule_interval AS grace
        FROM timescaledb_information.jobs
        WHERE hypertable_schema = \(schema.name) AND hypertable_name = 'analytics_events'
          AND proc_name = 'policy_compression'
    )
    SELECT chunk.compressed_chunk_id IS NOT NULL AS is_compressed, count(*) AS partitions,
           count(*) FILTER (WHERE chunk.compressed_chunk_id IS NULL
                            AND part.upper_bound < now() - (SELECT min(grace) FROM policy))
               AS overdue,
           sum(size.bytes)::int8 AS bytes,
           sum(size.bytes) FILTER (WHERE size.rows > 0)::int8 AS sampled,
           sum(size.rows)::float8 AS rows
    FROM \(schema).analytics_partitions() AS part
    JOIN pg_catalog.pg_class AS heap ON heap.oid = part.partition
    JOIN _timescaledb_catalog.chunk AS chunk
        ON format('%I.%I', chunk.schema_name, chunk.table_name)::regclass = part.partition
    LEFT JOIN _timescaledb_catalog.chunk AS packed ON packed.id = chunk.compressed_chunk_id
    LEFT JOIN _timescaledb_catalog.compression_chunk_size AS packing
        ON packing.chunk_id = chunk.id
    CROSS JOIN LATERAL (SELECT
        pg_total_relation_size(heap.oid) + CASE WHEN packed.id IS NULL THEN 0
            ELSE pg_total_relation_size(format('%I.%I', packed.schema_name, packed.table_name)) END
            AS bytes,
        greatest(heap.reltuples, 0) + coalesce(packing.numrows_pre_compression, 0) AS rows) AS size
    GROUP BY 1
    """
  }

  /// Returns a query for the extension's compression job and this package's retention job.
  private static func jobs(in schema: SchemaName) -> SQL {
    """
    SELECT job_id, proc_name = 'policy_compression' AS compresses, scheduled,
           coalesce(config->>'compress_after', config->>'keep_days' || ' days') AS age,
           CASE WHEN last_run_status = 'Failed' THEN last_run_started_at END AS failed_at,
           coalesce(stat.consecutive_failures, 0) AS failures,
           CASE WHEN isfinite(job.next_start) THEN job.next_start END AS next_run,
           nullif(stats.last_successful_finish, '-infinity') AS last_success,
           coalesce(stat.consecutive_crashes, 0) AS crashes, coalesce(stats.job_status = 'Running', false) AS is_running,
           -- While the job runs, next_start is -infinity.
           coalesce(isfinite(job.next_start) AND job.next_start < now() - interval '1 hour' AND scheduled, false)
               AS is_late
    FROM timescaledb_information.jobs AS job
    LEFT JOIN timescaledb_information.job_stats AS stats USING (job_id)
    LEFT JOIN _timescaledb_internal.bgw_job_stat AS stat USING (job_id)
    WHERE proc_name = 'policy_compression' AND job.hypertable_schema = \(schema.name)
          AND job.hypertable_name = 'analytics_events'
       OR proc_name = 'analytics_retention_job' AND proc_schema = \(schema.name)
    """
  }

  private static func boundary(
    in schema: SchemaName, on connection: PostgresConnection
  ) async throws(PostgresError) -> Date? {
    // A reader may read the table, a writer may call the function. Either may be missing until its
    // migration has been applied.
    for question in [
      SQL.droppedBefore(in: schema),
      """
      SELECT CASE WHEN isfinite(accepts_from) THEN accepts_from END
      FROM \(schema).analytics_ingest_bounds()
      """,
    ] {
      do {
        return try await connection.query(question).value()
      } catch {
        switch error.sqlState {
        case .insufficientPrivilege?, .unknownTable?, .unknownFunction?: continue
        default: throw error
        }
      }
    }
    return nil
  }

  private mutating func readSpace(_ rows: PostgresRows) throws {
    for row in rows {
      let space = Space(
        partitions: try row.decode(Int.self, "partitions"),
        bytes: try row.decode(Int?.self, "bytes") ?? 0,
        sampledBytes: try row.decode(Int?.self, "sampled") ?? 0,
        rows: try row.decode(Double?.self, "rows") ?? 0)
      if try row.decode(Bool.self, "is_compressed") { compressed = space } else { plain = space }
      overdue += try row.decode(Int.self, "overdue")
    }
  }

  private mutating func readJobs(_ rows: PostgresRows) throws {
    for row in rows {
      let job = Job(
        id: try row.decode(Int.self, "job_id"), age: try row.decode(String?.self, "age") ?? "?",
        isScheduled: try row.decode(Bool.self, "scheduled"),
        nextRun: try row.decode(Date?.self, "next_run"),
        failedAt: try row.decode(Date?.self, "failed_at"),
        failuresInARow: try row.decode(Int.self, "failures"),
        hasCrashed: try row.decode(Int.self, "crashes") > 0 && !row.decode(Bool.self, "is_running"),
        isLate: try row.decode(Bool.self, "is_late"),
        lastSuccess: try row.decode(Date?.self, "last_success"))
      if try row.decode(Bool.self, "compresses") { compression = job } else { retention = job }
    }
  }
}
