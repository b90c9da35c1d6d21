internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Logging

/// Makes the chosen engine keep the events, once the tables exist.
struct EngineSelection {
  let session: MigrationSession
  let choice: EngineChoice
  let logger: Logger

  private var connection: PostgresConnection { session.connection }

  func apply() async throws {
    guard let location = try await EngineLocation.read(session.schema, on: connection) else {
      return
    }
    switch (choice, location.engine) {
    case (.plain, .plain): return
    case (.timescale, .timescale), (.auto, .timescale):
      // The job of an earlier version may lack steps that are needed now.
      try await connection.execute(retentionProcedure(location))
    case (.plain, .timescale): throw StoreError.cannotLeaveTimescale
    case (.timescale, .plain): try await move()
    case (.auto, .plain): try await moveIfEmpty()
    }
  }

  /// Returns whether the role that owns the tables needs LOGIN. TimescaleDB runs a job only if its
  /// owner may log in.
  func needsOwnerWithLogin() async throws(PostgresError) -> Bool {
    guard choice != .plain else { return false }
    return try await missingPrerequisite() == nil
  }

  private func moveIfEmpty() async throws {
    guard try await missingPrerequisite() == nil, try await !hasPartitions() else { return }
    do {
      try await move()
    } catch let error as StoreError {
      // The login may not create the extension, or the edition cannot compress. The events stay on
      // plain PostgreSQL.
      logger.info(
        "TimescaleDB is not used", metadata: ["analytics.reason": "\(error.description)"])
    }
  }

  private func hasPartitions() async throws(PostgresError) -> Bool {
    try await connection.query(
      "SELECT EXISTS (SELECT FROM \(session.schema).analytics_partitions())"
    ).value()
  }

  /// Returns what the server lacks for TimescaleDB, as a message; `nil` if nothing. Without its
  /// loader, CREATE EXTENSION would end the connection.
  private func missingPrerequisite() async throws(PostgresError) -> String? {
    let row = try await connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb')
                 AS is_installed,
             current_setting('timescaledb.disable_load', true) IS NOT NULL AS is_loaded
      """
    ).only()
    if try !row.decode(Bool.self, "is_installed") { return "it is not installed on the server" }
    if try !row.decode(Bool.self, "is_loaded") {
      return "it is not in the server's shared_preload_libraries"
    }
    return nil
  }

  private func move() async throws {
    if let missing = try await missingPrerequisite() { throw StoreError.noTimescale(missing) }
    do {
      try await connection.transaction { _ in
        // The login may have the right to create the extension. The owner needs it for nothing
        // else.
        try await connection.execute("RESET ROLE; CREATE EXTENSION IF NOT EXISTS timescaledb")
        try await connection.workAsOwner(of: session.schema)
        let license: String? = try await connection.query(
          "SELECT current_setting('timescaledb.license', true)"
        ).value()
        guard license == "timescale" else {
          throw StoreError.noTimescale("the server has the edition without compression")
        }
        guard let location = try await EngineLocation.read(session.schema, on: connection) else {
          throw StoreError.noTimescale("the table of events is missing")
        }
        try await connection.execute(
          """
          SET LOCAL search_path = \(session.schema), \(identifier: location.extensionSchema), pg_temp
          """)
        try await connection.execute(SQL(file: PackageResources.timescale_sql))
        try await connection.execute(retentionJob(location))
      }
    } catch let error as PostgresError {
      throw StoreError.noTimescale("\(error)", cause: error)
    }
    logger.info("events are kept by TimescaleDB")
  }

  /// Returns the SQL that creates the retention job of TimescaleDB's scheduler. The job first runs
  /// after a day, so that there is time to change it. If events older than the job's limit were
  /// moved, the job is not scheduled until an operator enables it: moving events must not delete
  /// them.
  private func retentionJob(_ location: EngineLocation) -> SQL {
    """
    \(retentionProcedure(location));
    SELECT add_job('analytics_retention_job', interval '1 day', config => '{"keep_days": 90}',
                   initial_start => now() + interval '1 day',
                   scheduled => NOT EXISTS (SELECT FROM analytics_moving
                                            WHERE upper_bound <= now() - interval '90 days'))
    """
  }

  private func retentionProcedure(_ location: EngineLocation) -> SQL {
    """
    CREATE OR REPLACE PROCEDURE \(session.schema).analytics_retention_job(job_id integer, config jsonb)
    LANGUAGE plpgsql
    AS \(body: retention(location))
    """
  }

  /// Returns the body of the retention procedure.
  ///
  /// TimescaleDB's own retention policy does not know the retention boundary: an event that arrived
  /// again after its chunk was dropped would be stored a second time. The procedure has no SET
  /// clause, since a procedure with one must not commit.
  private func retention(_ location: EngineLocation) -> SQL {
    let expired: SQL = """
      \(session.schema).analytics_partitions()
      WHERE upper_bound <= now() - make_interval(days => (config->>'keep_days')::integer)
      """
    return """
      DECLARE
          holders text[];
          -- Others may raise it meanwhile, and wait for those who looked before that.
          boundary timestamptz;
          upto bigint;
          is_done boolean;
      BEGIN
          \(.raiseBoundary(in: session.schema, toTheEndOf: expired));
          SELECT dropped_before INTO boundary FROM \(session.schema).analytics_retention;
          COMMIT;
          holders := \(session.schema).analytics_ingests_under_way();
          WHILE holders && \(session.schema).analytics_ingests_under_way() LOOP
              COMMIT;
              PERFORM pg_sleep(0.1);
          END LOOP;
          COMMIT;
          -- Events must be rolled up before they are dropped.
          LOOP
              SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
              SELECT r.is_done, r.upto INTO is_done, upto
              FROM \(session.schema).analytics_roll_up(50000, true, upto) AS r;
              EXIT WHEN is_done;
              COMMIT;
          END LOOP;
          COMMIT;
          IF boundary IS NOT NULL THEN
              SET LOCAL lock_timeout = '5s';
              PERFORM \(identifier: location.extensionSchema).drop_chunks(
                  \(literal: session.schema.quoted + ".analytics_events"), older_than => boundary);
          END IF;
      END
      """
  }
}

extension StoreError {
  static func noTimescale(_ reason: String, cause: PostgresError? = nil) -> Self {
    Self(
      .engine, "events cannot be kept by TimescaleDB: \(reason); they stay in plain PostgreSQL",
      cause: cause)
  }

  static let cannotLeaveTimescale = Self(
    .engine,
    "events are kept by TimescaleDB already; to go back to plain PostgreSQL, "
      + "migrate another database with --engine plain and import them there")
}
