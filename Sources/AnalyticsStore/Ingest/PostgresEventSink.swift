public import Analytics
public import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Synchronization

/// Stores events in PostgreSQL, each exactly once.
///
/// ```swift
/// let client = try AnalyticsClient(sink: try PostgresEventSink(url: databaseURL), …)
/// ```
///
/// A batch is one transaction. The rows are sent by binary COPY, as `track` encoded them, sorted by
/// key. The transaction is committed with `synchronous_commit = on`, whatever the server's default
/// is. Missing partitions are created first. If some of the events are stored already, the batch is
/// inserted by a statement that leaves those as they are. Two kinds of events are rejected and
/// counted in the receipt: those of days that retention has dropped, and those more than 24 hours
/// ahead of the server's clock.
///
/// If a COMMIT gets no answer, the next attempt asks the server whether that transaction was
/// committed, so receipts stay exact. An error is ``EventSinkError/Kind/refused`` only if the
/// server refuses the data itself. A server that is unreachable, not migrated, read-only or full
/// gives ``EventSinkError/Kind/retry``.
public final class PostgresEventSink: EventSink {
  /// The settings that decide where rows go: `host:port/database`, then `#schema` if one was given,
  /// then ` user=` and, if there are any, ` options=`. It holds no password. A text of more than
  /// 200 bytes is cut and ends in a hash.
  public let destination: String

  /// Two batches at a time: the server can parse and index on two processors, and one transaction
  /// proceeds while the other waits for the disk.
  public var concurrentWritesMax: Int { 2 }

  let database: AnalyticsDatabase
  private let pool: PostgresPool
  private let rollUp: BackgroundRollUp
  let state = Mutex(State())

  /// The state that the sink keeps between batches. If it is lost, no row is lost: the next batch
  /// takes longer, and if a COMMIT got no answer, one receipt may be inexact.
  struct State {
    var schema: SchemaName?
    var partitions = PartitionCache()
    var attempts = UnsettledAttempts()
    var clock: EventTimestamp?
    /// Whether some events of the previous batch were stored already, for example because an import
    /// is repeated. The next COPY would probably fail as well, after much work, and leave dead rows
    /// behind.
    var expectsDuplicates = false

    fileprivate mutating func receipt(_ outcome: Outcome) -> EventReceipt {
      guard let accepted = outcome.accepted else {
        return EventReceipt(stored: 0, rejected: outcome.rejected)
      }
      expectsDuplicates = outcome.fate.inserted + outcome.fate.suppressed < accepted.rowCount
      var receipt = attempts.receipt(for: accepted, outcome.fate)
      receipt.rejected.merge(outcome.rejected, uniquingKeysWith: +)
      return receipt
    }
  }

  /// The outcome of storing a batch.
  fileprivate struct Outcome {
    /// The rows that the database accepts; `nil` if there are none.
    var accepted: EventBatch?
    var fate: InsertedRows
    /// The number of other rows, by reason.
    var rejected: [RejectReason: Int]
  }

  /// Makes a sink. It connects when the first batch comes.
  ///
  /// - Parameter statementTimeout: The time after which a statement is cancelled and the batch is
  ///   tried again; above zero, and at most 36,500 days. Another value stops the process.
  public init(_ database: AnalyticsDatabase, statementTimeout: Duration = .seconds(60)) {
    OptionRange.require(noProblem: Self.problem(withTimeout: statementTimeout))
    self.database = database
    pool = database.pool(.ingest(timeout: statementTimeout))
    rollUp = BackgroundRollUp(database)
    destination = Self.destination(of: database)
  }

  /// Makes a sink with a database of its own, for a service that only tracks events. The
  /// connections close when the sink is released.
  ///
  /// - Parameter statementTimeout: The time after which a statement is cancelled and the batch is
  ///   tried again; above zero, and at most 36,500 days.
  /// - Throws: ``StoreError/Code/configuration`` if the URL cannot be parsed, or if the timeout is
  ///   outside its range.
  public convenience init(
    url: String, schema: String? = nil, statementTimeout: Duration = .seconds(60)
  ) throws(StoreError) {
    if let problem = Self.problem(withTimeout: statementTimeout) {
      throw StoreError(.configuration, problem)
    }
    self.init(
      try AnalyticsDatabase(url: url, schema: schema), statementTimeout: statementTimeout)
  }

  /// Returns why a statement timeout cannot be used; `nil` if it can. Without any time, no event
  /// would ever be stored.
  private static func problem(withTimeout timeout: Duration) -> String? {
    OptionRange.problem("statementTimeout", wait: timeout)
  }

  /// The server's clock when the last ``write(_:)`` or ``installation()`` read it. See
  /// ``EventSink/clock``.
  public var clock: EventTimestamp? { state.withLock { $0.clock } }

  /// Stores all accepted rows of the batch, or none. See ``EventSink/write(_:)``.
  public func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    // Several writers may send the same events at the same time, for example when they import the
    // same file. Sorted rows keep them from deadlocking.
    let batch = batch.inKeyOrder()
    let receipt = try await withConnection { connection in
      try await store(batch, on: connection)
    }
    if receipt.stored > 0 { rollUp.wake(for: receipt.stored) }
    return receipt
  }

  /// Waits while many events are pending, unless rolling up fails. See ``EventSink/catchUp()``.
  public func catchUp() async { await rollUp.waitWhileManyArePending() }

  /// Merges all events that are pending now into the rollups. Waits for its turn if another process
  /// is rolling up. Reports show the same figures before and after, only faster.
  ///
  /// - Throws: ``StoreError``. Events that were not merged stay pending.
  package func rollUpAll() async throws(StoreError) {
    do {
      _ = try await database.pool(.rollingUp).withConnection { connection in
        try await RollUp.all(on: connection, in: try await database.schema(on: connection))
      }
    } catch {
      throw StoreError(error, doing: "rolling up")
    }
  }

  /// Runs `body` with a pooled connection. The error tells the worker whether to retry.
  func withConnection<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws(EventSinkError) -> Result {
    do {
      return try await pool.withConnection { connection in try await body(connection) }
    } catch {
      if let error = error as? PostgresError { forget(after: error) }
      throw EventSinkError(storing: error)
    }
  }
}

// MARK: - One batch

extension PostgresEventSink {
  private func store(
    _ batch: EventBatch, on connection: PostgresConnection
  ) async throws -> EventReceipt {
    let schema = try await schema(on: connection)
    if batch.mayBeStored { try await settle(on: connection) }
    try await ensurePartitions(for: batch, in: schema, on: connection)
    let outcome: Outcome
    do {
      outcome = try await insert(batch, in: schema, on: connection)
    } catch let error as PostgresError where error.isMissingPartition {
      // Another process dropped a partition that the cache lists.
      state.withLock { $0.partitions = PartitionCache() }
      let madeSome = try await ensurePartitions(for: batch, in: schema, on: connection)
      do {
        outcome = try await insert(batch, in: schema, on: connection)
      } catch let error as PostgresError where error.isMissingPartition && madeSome {
        throw EventSinkError(
          .retry, "a partition was dropped while events were being stored in it: \(error)")
      }
    }
    return state.withLock { $0.receipt(outcome) }
  }

  private func insert(
    _ batch: EventBatch, in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> Outcome {
    if !state.withLock({ $0.expectsDuplicates }) {
      do {
        return try await transaction(batch, in: schema, on: connection) { accepted, isLate in
          if isLate { return try await insertNew(accepted, isLate, in: schema, on: connection) }
          let copied = try await connection.copyIn(
            """
            COPY \(schema).analytics_events
                (id, timestamp, event_type, service, user_id, hostname, environment, data)
            FROM STDIN (FORMAT binary)
            """, from: CopyStream(batch: accepted))
          return try await rows(of: accepted, inserted: copied, in: schema, on: connection)
        }
      } catch let error as PostgresError
        where error.sqlState == .uniqueViolation || error.sqlState == .deadlockDetected
      {
        // COPY has no ON CONFLICT, so a batch with rows that are stored already is inserted
        // instead. So is a batch that met a deadlock: other programs may INSERT in another order,
        // and TimescaleDB's COPY fills chunks in an order of its own.
      }
    }
    return try await transaction(batch, in: schema, on: connection) { accepted, isLate in
      try await insertNew(accepted, isLate, in: schema, on: connection)
    }
  }

  private func insertNew(
    _ batch: EventBatch, _ isLate: Bool, in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> InsertedRows {
    let deadline = isLate ? deadline(forLate: batch, on: connection) : nil
    let inserted: Int = try await connection.query(
      "SELECT \(schema).analytics_insert_new(\(ColumnArrays(batch).all))", deadline: deadline
    ).value()
    return try await rows(
      of: batch, inserted: inserted, deadline: deadline, in: schema, on: connection)
  }

  /// Counts the rows that this transaction did not insert because a trigger returned NULL. With
  /// COPY that includes rows that were stored before.
  private func rows(
    of batch: EventBatch, inserted: Int, deadline: Duration? = nil, in schema: SchemaName,
    on connection: PostgresConnection
  ) async throws -> InsertedRows {
    guard inserted < batch.rowCount else { return InsertedRows(inserted: inserted) }
    return InsertedRows(
      inserted: inserted,
      suppressed: try await connection.query(
        "SELECT \(schema).analytics_count_suppressed(\(ColumnArrays(batch).keys))",
        deadline: deadline
      ).value())
  }

  /// Runs `body` in a transaction, with the rows that the database accepts. If COMMIT gets no
  /// answer, remembers what the transaction did.
  ///
  /// - Parameter body: Gets the accepted rows, and whether some of them belong to compressed
  ///   chunks.
  private func transaction(
    _ batch: EventBatch, in schema: SchemaName, on connection: PostgresConnection,
    _ body: (EventBatch, _ isLate: Bool) async throws -> InsertedRows
  ) async throws -> Outcome {
    var number: String?
    var outcome = Outcome(accepted: nil, fate: InsertedRows(inserted: 0), rejected: [:])
    do {
      return try await connection.transaction(isolation: .readCommitted) { _ in
        let row = try await raisedErrorsAsRetries {
          try await connection.query(Self.beginning(with: batch, in: schema)).only()
        }
        try note(clockIn: row)
        number = try row.decode(String.self, "transaction")
        let screened = ScreenedBatch(batch, try IngestBounds(row))
        outcome.accepted = screened.accepted
        outcome.rejected = screened.rejected
        guard let accepted = screened.accepted else { return outcome }
        let isLate = try await isLate(accepted, after: row, in: schema, on: connection)
        outcome.fate = try await body(accepted, isLate)
        return outcome
      }
    } catch let error as PostgresError where error.outcomeUnknown {
      if let number, let accepted = outcome.accepted {
        state.withLock {
          $0.attempts.add(accepted, outcome.fate, transaction: number)
        }
      }
      throw EventSinkError(storing: error, outcomeUnknown: number != nil)
    }
  }

  /// The first statement of a transaction that stores a batch; it combines all settings in one
  /// round trip. The commit must be durable, whatever the server's default is. The transaction's
  /// number is needed later to find out whether a COMMIT that got no answer took effect.
  private static func beginning(with batch: EventBatch, in schema: SchemaName) -> SQL {
    // If the client vanishes without closing its connection, the server must not keep the
    // transaction open for hours: until it ends, its outcome is unknown.
    // TimescaleDB before 2.16 decompresses all rows that may have the same key, a hundred thousand
    // for a single row. At its limit it refuses the statement, each time it is tried again. So the
    // limit is removed.
    """
    SELECT set_config('synchronous_commit', 'on', true), transaction, accepts_from, accepts_before,
           now() AS instant, set_config('analytics.tracked_after', \(batch.trackedAfterSetting), true),
           set_config('idle_in_transaction_session_timeout', '60s', true),
           set_config('tcp_keepalives_idle', '60', true),
           set_config('analytics.stored_times', \(batch.storedTimes), true),
           set_config('analytics.stored_events', \("\(batch.rowCount)"), true),
           CASE WHEN current_setting(limit_, true) IS NOT NULL
                THEN set_config(limit_, '0', true) END,
           to_regclass('timescaledb_information.chunks') IS NOT NULL AS may_be_compressed
    FROM \(schema).analytics_begin_ingest(),
         (VALUES ('timescaledb.max_tuples_decompressed_per_dml_transaction')) AS setting (limit_)
    """
  }

  /// Asks the server what became of the transactions whose COMMIT got no answer.
  ///
  /// The answer is used for receipts only; the rows are sent again in any case. After a crash the
  /// server may have forgotten a transaction's number and given it to another client, whose
  /// transaction is then reported as committed.
  private func settle(on connection: PostgresConnection) async throws {
    for number in state.withLock({ $0.attempts.unsettled }) {
      let status = try await status(of: number, on: connection)
      guard status != "in progress" else {
        throw EventSinkError(
          .retry, outcomeUnknown: true,
          "the server has not finished an earlier COMMIT yet; trying again")
      }
      state.withLock { state in
        state.attempts.settle(number, isCommitted: status == "committed")
        if status == "committed" { state.expectsDuplicates = true }
      }
    }
  }

  /// - Returns: The status as `pg_xact_status` gives it; `nil` if the server does not know the
  ///   transaction any more.
  private func status(
    of transaction: String, on connection: PostgresConnection
  ) async throws(PostgresError) -> String? {
    do {
      return try await connection.query("SELECT pg_xact_status(\(transaction)::xid8)").value()
    } catch {
      guard error.isDataError else { throw error }
      // The number is in the future: the server that received the rows is gone, and the standby
      // that replaced it never got them.
      return "aborted"
    }
  }
}

// MARK: - The clock and errors

extension PostgresEventSink {
  /// - Parameter row: A row with a column `instant`.
  func note(clockIn row: PostgresRow) throws(PostgresError) {
    let instant = try row.decode(PostgresTimestamp.self, "instant").microseconds
    state.withLock { $0.clock = EventTimestamp(microsecondsSincePostgresEpoch: instant) }
  }

  /// Runs a statement that stores no rows. If a trigger of the database's owner raises an error
  /// there (such as an event trigger that forbids new tables), no row is to blame, so the error
  /// becomes a retry.
  func raisedErrorsAsRetries<Result>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as PostgresError where error.sqlState?.isRaised == true {
      throw EventSinkError(.retry, error.description)
    }
  }
}

extension EventBatch {
  /// The setting that `analytics_tracked_after()` reads: microseconds since 2000-01-01 UTC; empty
  /// if unknown.
  var trackedAfterSetting: String {
    trackedAfter.map { String($0.microsecondsSincePostgresEpoch) } ?? ""
  }
}
