package import AnalyticsPostgres
package import Foundation

/// Where reports read: one schema of a database, through a pool of connections that cannot write.
///
/// What its reports read of days that have not changed since is kept in the process, at most 128 MiB: keep
/// one for as long as you ask. Whoever changes rollups by hand makes a new one.
public final class ReportDatabase: Sendable {
  private let pool: PostgresPool
  private let schema: String?
  private let timeout: Duration
  private let keeper = ReadKeeper(bytesMax: 128 << 20)

  /// Connects with the first report.
  ///
  /// - Parameters:
  ///   - url: `postgres://user:password@host:port/database`; a role that may read suffices.
  ///   - schema: Where the tables are. By default the first of `search_path`.
  ///   - connectionsMax: How many reports run at one time; others wait.
  ///   - timeout: How long one statement may take.
  /// - Throws: ``ReportError`` if the URL cannot be understood.
  public init(
    url: String, schema: String? = nil, connectionsMax: Int = 4, timeout: Duration = .seconds(60)
  ) throws(ReportError) {
    do {
      var configuration = try PostgresConfiguration(url: url)
      configuration.statementTimeout = timeout
      pool = PostgresPool(configuration, maximum: connectionsMax)
      self.schema = schema
      self.timeout = timeout
    } catch {
      throw ReportError(.connection, error.description)
    }
  }

  /// Closes the connections. The database must not be used afterwards.
  public func shutDown() async { await pool.shutDown() }

  /// Makes a series of what a reader finds on one snapshot, with what it notes of it.
  func series(
    _ body: (inout RollupReader) async throws -> Series
  ) async throws(ReportError) -> Series {
    try await read { connection in
      var reader = try await RollupReader(connection, keeper)
      var series = try await body(&reader)
      series.notes = reader.notes + series.notes
      // Not beyond the range: what is said of time that is over stays the same from ask to ask.
      series.completeUntil = [reader.completeUntil, series.range?.upperBound].compactMap(\.self)
        .min()
      return series
    }
  }

  /// Refuses types of events and services that never were, unless there are no events at all.
  ///
  /// - Parameter now: Recent days are looked at first.
  package func check(
    eventTypes types: [String], services: [String], now: Date = Date()
  ) async throws(ReportError) {
    try await read { connection in
      var reader = try await RollupReader(connection, keeper)
      try await reader.check(
        .of(("event_type", types), ("service", services)),
        in: now.addingTimeInterval(-30 * 86_400)..<now)
    }
  }

  /// Runs statements of one report on one snapshot, where nothing can be written.
  package func read<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws(ReportError) -> Result {
    do {
      return try await pool.withConnection { connection in
        try await connection.transaction(isolation: .repeatableRead, readOnly: true) {
          connection in
          // Compiling takes longer than most reports do. Distinct users need memory, or files.
          _ = try await connection.query(
            """
            SELECT set_config('jit', 'off', true),
                   set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')),
                                                   67108864) / 1024 || 'kB', true)
            """)
          try await connection.onlyRead(schema)
          return try await body(connection)
        }
      }
    } catch let error as ReportError {
      throw error
    } catch let error as PostgresError {
      throw ReportError(error)
    } catch {
      throw ReportError(.failed, "the report was interrupted")
    }
  }
}

extension PostgresConnection {
  /// Until the transaction ends, names are those of a schema, by default the first of `search_path`,
  /// and statements run as `analytics_reader` where that role was granted its rights there and this
  /// login may become it: whatever else the login may do.
  package func onlyRead(_ schema: String?) async throws(PostgresError) {
    let events: SQL = "concat(quote_ident(\(schema)::text) || '.', 'analytics_events')"
    _ = try await query(
      """
      SELECT CASE WHEN \(schema)::text IS NOT NULL
                  THEN set_config('search_path', quote_ident(\(schema)::text), true) END,
             (SELECT set_config('role', r.rolname, true)
              FROM pg_catalog.pg_roles AS r
              WHERE r.rolname = 'analytics_reader'
                AND pg_has_role(
                    r.oid, CASE WHEN current_setting('server_version_num')::integer < 160000
                                THEN 'MEMBER' ELSE 'SET' END)
                AND has_table_privilege(r.oid, to_regclass(\(events)), 'SELECT'))
      """)
  }
}

extension ReportError {
  fileprivate init(_ error: PostgresError) {
    switch (error.code, error.sqlState) {
    case (_, .unknownTable), (_, .unknownSchema), (_, .unknownFunction), (_, .unknownColumn):
      self.init(
        .notMigrated, "the analytics tables are missing or too old: run `analytics migrate`")
    case (.timedOut, _), (_, .queryCanceled):
      self.init(.timeout, "the report took too long: ask for a shorter range")
    case (_, .insufficientPrivilege):
      self.init(
        .notMigrated,
        "the database user may not read the analytics tables: run `analytics migrate roles`")
    // A server that ends, restarts or fails over is one that cannot be reached for a while.
    case (.server(let state), _) where !state.isTransient || state == .readOnlyTransaction:
      self.init(.failed, "the report failed: \(error)")
    default: self.init(.connection, "no report can be made: \(error)")
    }
  }
}
