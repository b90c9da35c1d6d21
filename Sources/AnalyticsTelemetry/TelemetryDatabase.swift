internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsReports
internal import Foundation

/// The outbox of telemetry, and the figures that its documents contain.
struct TelemetryDatabase: Sendable {
  private let database: AnalyticsDatabase
  private let reports: ReportDatabase

  init(_ database: AnalyticsDatabase) {
    self.database = database
    reports = ReportDatabase(database, connectionsMax: 1)
  }

  // MARK: - The outbox

  /// A document that is to be sent.
  struct Delivery: Sendable {
    var id: Int
    /// The period that it is about; `nil` for the notice that telemetry is off.
    var period: Int?
    var collector: String
    var document: String
    /// The number of attempts, this one included.
    var attempts: Int
    /// The key that signs the document.
    var key: TelemetryKey
  }

  /// Turns telemetry on.
  ///
  /// - Returns: Whether it was off.
  func turnOn(_ collector: CollectorAddress) async throws -> Bool {
    try await transaction { connection in
      try await connection.query("SELECT analytics_telemetry_turn_on(\(collector.text))").value()
    }
  }

  /// Turns telemetry off. Documents that were not delivered are deleted, and the notice is added to
  /// the outbox.
  ///
  /// - Returns: Whether it was on. If not, nothing has changed.
  func turnOff() async throws -> Bool {
    try await transaction { connection in
      let instance = try await Self.instance(connection)
      // The notice has the first format, which every collector accepts.
      let notice = TelemetryDocument(
        format: 1, deployment: instance.id, publicKey: instance.key.publicKey,
        notice: TelemetryDocument.turnedOff)
      let text = String(decoding: notice.bytes, as: UTF8.self)
      return try await connection.query("SELECT analytics_telemetry_turn_off(\(text))").value()
    }
  }

  /// Writes a document for each closed period that has none, for at most 1,000 periods. Any number
  /// of processes may do so at the same time, because the outbox has only one document per period.
  func writeDue() async throws {
    let due = try await transaction { connection in
      try await connection.query(
        "SELECT period_id, started_at, ended_at FROM analytics_telemetry_due() LIMIT 1000"
      ).map(Self.period)
    }
    // A document that cannot be written does not keep the others back.
    var failure: (any Error)?
    for period in due {
      do {
        let bytes = try await document(of: period).bytes
        // A document that no collector would accept fails here, where an operator can find the
        // cause.
        _ = try TelemetryDocument(strictly: bytes)
        try await transaction { connection in
          let text = String(decoding: bytes, as: UTF8.self)
          _ = try await connection.query("SELECT analytics_telemetry_put(\(period.id), \(text))")
        }
      } catch {
        try Task.checkCancellation()
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Takes the due document with the fewest attempts, and of those the oldest, for as long as
  /// `lease`. Documents that have waited longer than `giveUpAfter` are given up.
  func claim(lease: Duration, giveUpAfter: Duration) async throws -> Delivery? {
    try await transaction { connection in
      let rows = try await connection.query(
        """
        SELECT id, period_id, collector, document, attempts
        FROM analytics_telemetry_claim(\(.interval(lease)), \(.interval(giveUpAfter)))
        """)
      guard let row = rows.first else { return nil }
      return Delivery(
        id: try row.decode(Int.self, "id"), period: try row.decode(Int?.self, "period_id"),
        collector: try row.decode(String.self, "collector"),
        document: try row.decode(String.self, "document"),
        attempts: try row.decode(Int.self, "attempts"),
        key: try await Self.instance(connection).key)
    }
  }

  /// Records how an attempt to send a document ended.
  ///
  /// - Parameters:
  ///   - problem: Why it failed; `nil` if the collector has the document.
  ///   - pause: The time until the next attempt.
  func settle(_ delivery: Delivery, problem: String?, pause: Duration) async throws {
    try await transaction { connection in
      _ = try await connection.query(
        "SELECT analytics_telemetry_settle(\(delivery.id), \(problem), \(.interval(pause)))")
    }
  }

  // MARK: - Documents

  /// Returns the document of the last closed period; if none is closed yet, that of the open one.
  func newestDocument() async throws -> String {
    let (period, written) = try await transaction { connection in
      // The last closed period, with its document if that was written. If no period is closed, the
      // open one, as if it ended now.
      let row = try await connection.query(
        """
        SELECT p.id AS period_id, p.started_at,
               coalesce(p.ended_at, greatest(now(), p.started_at)) AS ended_at, o.document
        FROM analytics_usage_periods AS p
        LEFT JOIN analytics_telemetry_outbox AS o ON o.period_id = p.id
        ORDER BY p.ended_at IS NULL, p.id DESC LIMIT 1
        """
      ).only()
      return (try Self.period(row), try row.decode(String?.self, "document"))
    }
    if let written { return written }
    return String(decoding: try await document(of: period).bytes, as: UTF8.self)
  }

  /// Makes the document of a period. No flush has to wait for it, because a closed period does not
  /// change.
  private func document(
    of period: TelemetrySnapshot.Period
  ) async throws -> TelemetryDocument {
    do {
      return try await read(period)
    } catch let error as ReportError {
      let code: StoreError.Code =
        switch error.code {
        case .notMigrated: .notMigrated
        case .notGranted: .notGranted
        case .connection: .connection
        default: .failed
        }
      throw StoreError(code, "the figures cannot be read: \(error)", cause: error)
    }
  }

  private func read(_ period: TelemetrySnapshot.Period) async throws -> TelemetryDocument {
    let statistics = try await InstanceStatistics().values(from: reports)
    let figures = statistics.map { ($0.figure.name, $0.value) }
    return try await reports.read { connection in
      let instance = try await Self.instance(connection)
      let usage = try await connection.query(
        """
        SELECT kind, measure, name, value FROM usage_figures WHERE period_id = \(period.id)
        ORDER BY kind COLLATE "C", name COLLATE "C", measure COLLATE "C"
        """)
      let software = try await connection.query(
        """
        SELECT (SELECT max(version) FROM analytics_migrations) AS migration,
               split_part(current_setting('server_version'), ' ', 1) AS postgresql,
               (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb')
                   AS timescaledb
        """
      ).only()
      return TelemetryDocument(
        deployment: instance.id, publicKey: instance.key.publicKey,
        snapshot: TelemetrySnapshot(
          period: period,
          usage: try usage.map { row in
            .init(
              kind: try row.decode(String.self, "kind"),
              measure: .init(rawValue: try row.decode(String.self, "measure")),
              name: try row.decode(String.self, "name"),
              value: try row.decode(Int.self, "value"))
          },
          statistics: Dictionary(figures) { first, _ in first },
          software: .init(
            migration: try software.decode(Int.self, "migration"),
            postgresql: try software.decode(String.self, "postgresql"),
            timescaledb: try software.decode(String?.self, "timescaledb"))))
    }
  }

  // MARK: - Status

  func status() async throws -> TelemetryStatus {
    try await transaction { connection in
      let row = try await connection.query(
        """
        SELECT collector, on_since,
               (SELECT count(*) FROM analytics_telemetry_outbox WHERE delivered_at IS NOT NULL)
                   AS delivered,
               (SELECT max(delivered_at) FROM analytics_telemetry_outbox) AS last_delivered_at,
               (SELECT count(*) FROM analytics_telemetry_outbox WHERE given_up_at IS NOT NULL)
                   AS given_up
        FROM analytics_telemetry
        """
      ).only()
      let waiting = try await connection.query(
        """
        SELECT period_id, created_at, attempts, next_attempt_at, problem
        FROM analytics_telemetry_outbox WHERE delivered_at IS NULL AND given_up_at IS NULL
        ORDER BY id LIMIT 1000
        """)
      return TelemetryStatus(
        collector: try row.decode(String?.self, "collector"),
        onSince: try row.decode(Date?.self, "on_since"),
        delivered: try row.decode(Int.self, "delivered"),
        lastDeliveredAt: try row.decode(Date?.self, "last_delivered_at"),
        givenUp: try row.decode(Int.self, "given_up"),
        waiting: try waiting.map { row in
          .init(
            period: try row.decode(Int?.self, "period_id"),
            createdAt: try row.decode(Date.self, "created_at"),
            attempts: try row.decode(Int.self, "attempts"),
            nextAttemptAt: try row.decode(Date.self, "next_attempt_at"),
            problem: try row.decode(String?.self, "problem"))
        })
    }
  }

  // MARK: - Transactions

  private static func instance(
    _ connection: PostgresConnection
  ) async throws -> (id: String, key: TelemetryKey) {
    let record = try await connection.instanceRecord()
    return (record.id.uuidString.lowercased(), try TelemetryKey(secret: record.signingKey))
  }

  private static func period(_ row: PostgresRow) throws -> TelemetrySnapshot.Period {
    TelemetrySnapshot.Period(
      id: try row.decode(Int.self, "period_id"), startedAt: try row.decode(Date.self, "started_at"),
      endedAt: try row.decode(Date.self, "ended_at"))
  }

  @discardableResult
  private func transaction<Result: Sendable>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    do {
      return try await database.write(.telemetry) { connection in
        _ = try await connection.query(
          """
          SELECT set_config('statement_timeout', '30s', true),
                 set_config('synchronous_commit', 'on', true)
          """)
        return try await body(connection)
      }
    } catch let error as PostgresError {
      throw StoreError(
        error, doing: "telemetry", needing: "analytics_reader and analytics_writer")
    }
  }
}
