public import Analytics
public import AnalyticsConnections
internal import AnalyticsPostgres
internal import Synchronization

/// Stores events in PostgreSQL, each exactly once.
///
/// ```swift
/// let client = try AnalyticsClient(sink: try PostgresEventSink(url: databaseURL), …)
/// ```
///
/// A batch is one transaction: COPY in binary form, the rows' bytes as `track` wrote them, in the order
/// of their keys, committed with `synchronous_commit = on` whatever the server's default is. Partitions
/// that the events need are made first. When some of the events are there already, the batch is
/// inserted by a statement that leaves those as they are. Events from days that retention has dropped,
/// and those more than 24 hours ahead of the server's clock, are passed over and counted in the receipt.
///
/// After a COMMIT that got no answer the next attempt asks the server what became of that
/// transaction, so the receipts stay exact. Only what the server says of the data makes an error
/// ``EventSinkError/Kind/refused``; a server that is away, not migrated, read-only or full makes it
/// ``EventSinkError/Kind/retry``.
public final class PostgresEventSink: EventSink {
  /// `host:port/database`, then `#schema` if one was given, then ` user=` and ` options=`. Holds no
  /// password.
  public let destination: String

  /// Two: the server uses two processors to parse and index, and while one transaction waits for
  /// the disk the other goes on.
  public var concurrentWritesMax: Int { 2 }

  private let database: AnalyticsDatabase
  private let pool: PostgresPool
  private let rollUp: BackgroundRollUp
  let state = Mutex(State())

  /// What is remembered between batches. Losing it costs time, and after a COMMIT without an
  /// answer the exactness of one receipt; never a row.
  struct State {
    var schema: SchemaName?
    var partitions = PartitionCache()
    var attempts = UnsettledAttempts()
    var clock: EventTimestamp?
    /// Whether the batch before had events that were there already: an import is run again, say.
    /// COPY would most likely be refused then, after much work and with dead rows left behind.
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

  /// What became of a batch.
  fileprivate struct Outcome {
    /// The rows that the database takes; `nil` if there are none.
    var accepted: EventBatch?
    var fate: InsertedRows
    /// Of the others.
    var rejected: [RejectReason: Int]
  }

  /// Makes a sink; connects when the first batch comes.
  ///
  /// - Parameter statementTimeout: After this a statement is cancelled, and the batch tried again.
  public init(_ database: AnalyticsDatabase, statementTimeout: Duration = .seconds(60)) {
    self.database = database
    pool = database.pool(.ingest(timeout: statementTimeout))
    rollUp = BackgroundRollUp(database)
    destination = Self.destination(of: database)
  }

  /// Makes a sink with a database of its own, for a service that only tracks. The connections close with
  /// the sink.
  ///
  /// - Throws: ``StoreError/Code/configuration`` if the URL cannot be understood.
  public convenience init(
    url: String, schema: String? = nil, statementTimeout: Duration = .seconds(60)
  ) throws(StoreError) {
    self.init(
      try AnalyticsDatabase(url: url, schema: schema), statementTimeout: statementTimeout)
  }

  /// The server's clock as a transaction of the last ``write(_:)`` found it. See ``EventSink/clock``.
  public var clock: EventTimestamp? { state.withLock { $0.clock } }

  /// Stores the whole batch, or nothing. See ``EventSink/write(_:)``.
  public func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    // Several writers may send the same events at one time, as imports of one file do. In one order they
    // do not deadlock.
    let batch = batch.inKeyOrder()
    let receipt = try await withConnection { connection in
      try await store(batch, on: connection)
    }
    if receipt.stored > 0 { rollUp.wake(for: receipt.stored) }
    return receipt
  }

  /// Waits while many events are pending, as long as rolling up goes on. See ``EventSink/catchUp()``.
  public func catchUp() async { await rollUp.untilFewArePending() }

  /// Merges what is pending into the rollups, and waits for others that are at it. Reports say the same before
  /// and after, only faster.
  ///
  /// - Throws: ``StoreError``. What was not merged stays pending.
  package func rollUpAll() async throws(StoreError) {
    do {
      _ = try await database.pool(.rollingUp).withConnection { connection in
        try await RollUp.all(on: connection, in: try await database.schema(on: connection))
      }
    } catch {
      throw StoreError(error, doing: "rolling up")
    }
  }

  /// Runs `body` with a connection of the pool; what it throws says what a worker should do.
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
      // Somebody dropped a partition that the cache holds.
      state.withLock { $0.partitions = PartitionCache() }
      let madeSome = try await ensurePartitions(for: batch, in: schema, on: connection)
      do {
        outcome = try await insert(batch, in: schema, on: connection)
      } catch let error as PostgresError where error.isMissingPartition && madeSome {
        throw EventSinkError(.retry, "a partition was dropped while events came for it: \(error)")
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
        // COPY has no ON CONFLICT, so a batch with rows that are there already is inserted instead. So is
        // one that met a deadlock: INSERTs by other programs may take rows in another order, and
        // TimescaleDB's COPY fills chunks in an order of its own.
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

  /// What became of the rows that this transaction has not inserted: a trigger may have returned NULL,
  /// in COPY also for one that was there before.
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

  /// Runs `body` in a transaction, with the rows that the database takes, and, should its COMMIT
  /// get no answer, remembers what it did.
  ///
  /// - Parameter body: Told whether some of the rows are for compressed chunks.
  private func transaction(
    _ batch: EventBatch, in schema: SchemaName, on connection: PostgresConnection,
    _ body: (EventBatch, _ isLate: Bool) async throws -> InsertedRows
  ) async throws -> Outcome {
    var number: String?
    var outcome = Outcome(accepted: nil, fate: InsertedRows(inserted: 0), rejected: [:])
    do {
      return try await connection.transaction(isolation: .readCommitted) { _ in
        let row = try await notAboutRows {
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

  /// One round trip: the commit must be durable whatever the server's default is, and the transaction's
  /// number tells afterwards whether a COMMIT that got no answer took effect.
  private static func beginning(with batch: EventBatch, in schema: SchemaName) -> SQL {
    // A client that vanished without a word must not keep its transaction, and so the answer to what
    // became of it, open for hours.
    // TimescaleDB before 2.16 decompresses what a key might be in, a hundred thousand rows for a single
    // one, and at its limit refuses the statement, today and always: there must be none.
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

  /// Asks what became of the transactions whose COMMIT got no answer.
  ///
  /// The answer only serves the receipt: the rows are sent again whatever it is. A crash can make
  /// the server forget a number and give it to somebody else, who commits.
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

  /// - Returns: As `pg_xact_status` has it; `nil` when the server has forgotten.
  private func status(
    of transaction: String, on connection: PostgresConnection
  ) async throws(PostgresError) -> String? {
    do {
      return try await connection.query("SELECT pg_xact_status(\(transaction)::xid8)").value()
    } catch {
      guard error.isDataError else { throw error }
      // A number from the future: the server that took our rows is gone, and the standby that
      // replaced it never heard of them.
      return "aborted"
    }
  }
}

// MARK: - Schema and partitions

extension PostgresEventSink {
  func schema(on connection: PostgresConnection) async throws -> SchemaName {
    if let known = state.withLock({ $0.schema }) { return known }
    let schema = try await database.schema(on: connection)
    state.withLock { $0.schema = schema }
    return schema
  }

  /// - Returns: Whether a partition had to be made.
  @discardableResult
  private func ensurePartitions(
    for batch: EventBatch, in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> Bool {
    // The scan costs some nanoseconds a row; COPY that runs into a missing partition costs all
    // that it had done, once a partition.
    guard !state.withLock({ $0.partitions.daysWithoutPartition(batch) }).isEmpty else {
      return false
    }
    // No partition for what will not be stored anyway: a host whose clock is wrong, an old import.
    let bounds = try await connection.query(
      "SELECT accepts_from, accepts_before FROM \(schema).analytics_ingest_bounds()"
    ).only()
    guard let accepted = ScreenedBatch(batch, try IngestBounds(bounds)).accepted else {
      return false
    }
    let instants = state.withLock { $0.partitions.daysWithoutPartition(accepted) }
      .map(PostgresTimestamp.init(microseconds:))
    guard !instants.isEmpty else { return false }
    let rows = try await notAboutRows {
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

  /// - Parameter row: Has a column `instant`.
  func note(clockIn row: PostgresRow) throws(PostgresError) {
    let instant = try row.decode(PostgresTimestamp.self, "instant").microseconds
    state.withLock { $0.clock = EventTimestamp(microsecondsSincePostgresEpoch: instant) }
  }

  /// Runs a statement that stores no rows: what somebody's own trigger raises there (an event trigger
  /// that lets no table be made, say) condemns none.
  private func notAboutRows<Result>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as PostgresError where error.sqlState?.isRaised == true {
      throw EventSinkError(.retry, error.description)
    }
  }

  /// After a failure nothing of what was learnt about the schema may be true any more.
  private func forget(after error: PostgresError) {
    if error.isDataError { return }
    state.withLock { state in
      state.schema = nil
      state.partitions = PartitionCache()
    }
  }
}

extension EventBatch {
  /// As `analytics_tracked_after()` reads it: microseconds since 2000, nothing where it is not known.
  var trackedAfterSetting: String {
    trackedAfter.map { String($0.microsecondsSincePostgresEpoch) } ?? ""
  }
}
