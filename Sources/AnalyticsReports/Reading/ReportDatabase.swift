public import AnalyticsConnections
package import AnalyticsPostgres
package import Foundation

/// Where reports read: one schema of a database, through a pool of connections that cannot write.
///
/// Additive figures of days that have not changed since are kept in the process, at most 128 MiB: keep one
/// for as long as you ask. Whoever changes rollups by hand makes a new one.
public final class ReportDatabase: Sendable {
  private let reader: DatabaseReader
  private let keeper = ReadKeeper(bytesMax: 128 << 20)

  /// Connects with the first report. A role that may read suffices.
  ///
  /// - Parameters:
  ///   - connectionsMax: How many reports run at one time; others wait.
  ///   - timeout: How long one statement may take.
  public init(
    _ database: AnalyticsDatabase, connectionsMax: Int = 4, timeout: Duration = .seconds(60)
  ) {
    reader = database.reader(.reports(connectionsMax: connectionsMax, timeout: timeout))
  }

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
      if let frame = series.frame, let now = reader.readAt {
        series.partial = frame.partial(at: now)
      }
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

  /// Runs statements of one report on one snapshot, where nothing can be written. Once more where a rollup
  /// was changed between the snapshot and its first statement.
  package func read<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws(ReportError) -> Result {
    var attempts = 0
    while true {
      attempts += 1
      do {
        return try await readOnce(body)
      } catch is RollupReader.Outdated where attempts < 5 {
      } catch let error as ReportError {
        throw error
      } catch {
        throw ReportError(StoreError(error, doing: "the report"))
      }
    }
  }

  private func readOnce<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await reader.read(isolation: .repeatableRead) { connection in
      // Who changes rollups waits until reports that are under way have ended. Compiling takes longer than
      // most reports do. Sets of members need memory, or files.
      try await connection.execute(
        """
        LOCK TABLE analytics_rollups IN ACCESS SHARE MODE;
        SELECT set_config('jit', 'off', true),
               set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')),
                                               67108864) / 1024 || 'kB', true)
        """)
      return try await body(connection)
    }
  }
}

extension ReportError {
  fileprivate init(_ error: StoreError) {
    switch error.code {
    case .notMigrated: self.init(.notMigrated, error.description, cause: error)
    case .notGranted:
      self.init(
        .notGranted,
        "the database user may not read the analytics tables: run `analytics migrate roles`",
        cause: error)
    case .timedOut:
      self.init(.timeout, "the report took too long: ask for a shorter range", cause: error)
    case .failed: self.init(.failed, error.description, cause: error)
    case .cancelled: self.init(.failed, "the report was interrupted", cause: error)
    default:
      self.init(.connection, "no report can be made: \(error.cause ?? error)", cause: error)
    }
  }
}
