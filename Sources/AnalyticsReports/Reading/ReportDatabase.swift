public import AnalyticsConnections
package import AnalyticsPostgres
internal import AnalyticsText
package import Foundation

/// The database that reports read from: one schema, through a pool of connections that cannot
/// write.
///
/// Additive figures of days that have not changed are cached in the process, up to 128 MiB. So keep
/// one instance for as long as you run reports. Make a new one after you have changed rollups by
/// hand.
public final class ReportDatabase: Sendable {
  private let reader: DatabaseReader
  private let caches = FigureCacheHolder(bytesMax: 128 << 20)

  /// Makes an instance, which connects when the first report runs. A role that may read is enough.
  /// A value outside its range stops the process.
  ///
  /// - Parameters:
  ///   - connectionsMax: The number of reports that can run at the same time, from 1 to 1000;
  ///     others wait.
  ///   - timeout: The time limit of a statement; above zero, and at most 36,500 days.
  public init(
    _ database: AnalyticsDatabase, connectionsMax: Int = 4, timeout: Duration = .seconds(60)
  ) {
    OptionRange.require(
      noProblem: OptionRange.problem("connectionsMax", connectionsMax, in: 1...1000))
    OptionRange.require(noProblem: OptionRange.problem("timeout", wait: timeout))
    reader = database.reader(.reports(connectionsMax: connectionsMax, timeout: timeout))
  }

  /// Runs `body` with a reader on one snapshot, and adds to its series the reader's warnings, how
  /// far it is complete, and which buckets are not.
  func series(
    _ body: (inout RollupReader) async throws -> Series
  ) async throws(ReportError) -> Series {
    try await read { connection in
      var reader = try await RollupReader(connection, caches)
      var series = try await body(&reader)
      series.warnings = reader.warnings + series.warnings
      // Limited to the range, so that the answer about a range in the past stays the same.
      series.completeUntil = [reader.completeUntil, series.range?.upperBound].compactMap(\.self)
        .min()
      if let frame = series.frame, let now = reader.readAt {
        series.partial = frame.partial(at: now)
      }
      return series
    }
  }

  /// Refuses event types and services that no event ever had, unless there are no events at all.
  ///
  /// - Parameter now: The end of the 30 days that are searched first.
  package func check(
    eventTypes types: [String], services: [String], now: Date = Date()
  ) async throws(ReportError) {
    try await read { connection in
      var reader = try await RollupReader(connection, caches)
      try await reader.check(
        .of(("event_type", types), ("service", services)),
        in: now.addingDays(-30)..<now)
    }
  }

  /// Runs the statements of one report on one snapshot, in a transaction that cannot write. If a
  /// rollup was changed between the snapshot and the first statement, it runs `body` again, five
  /// times at most.
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
        throw ReportError(StoreError(error, doing: "the report", needing: "analytics_reader"))
      }
    }
  }

  private func readOnce<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await reader.read(isolation: .repeatableRead) { connection in
      // The lock makes changes of rollups wait until running reports have ended. JIT is off because
      // compiling takes longer than most reports. Member sets need memory, or the server writes
      // them to files.
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
    case .notGranted: self.init(.notGranted, error.description, cause: error)
    case .timedOut:
      self.init(.timeout, "the report took too long: choose a shorter range", cause: error)
    case .failed: self.init(.failed, error.description, cause: error)
    case .cancelled: self.init(.failed, "the report was interrupted", cause: error)
    default:
      self.init(.connection, "no report can be made: \(error.cause ?? error)", cause: error)
    }
  }
}
