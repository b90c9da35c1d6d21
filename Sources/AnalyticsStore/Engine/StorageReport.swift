internal import AnalyticsPostgres
package import Foundation

/// What keeps the events, how well, and in how many bytes, as the catalogue says. Reading it writes
/// nothing and counts nothing.
package struct StorageReport: Sendable, Hashable {
  /// Partitions or chunks of one kind.
  package struct Space: Sendable, Hashable {
    package var partitions = 0
    /// With indexes and what lies apart from the rows.
    package var bytes = 0
    /// The bytes of those for which there is an estimate of rows.
    package var sampledBytes = 0
    /// An estimate.
    package var rows = 0.0

    package init(partitions: Int = 0, bytes: Int = 0, sampledBytes: Int = 0, rows: Double = 0) {
      (self.partitions, self.bytes) = (partitions, bytes)
      (self.sampledBytes, self.rows) = (sampledBytes, rows)
    }

    /// `nil` while nothing has been estimated.
    package var bytesPerEvent: Int? {
      rows >= 1 ? Int((Double(sampledBytes) / rows).rounded()) : nil
    }
  }

  /// What TimescaleDB's scheduler does.
  package struct Job: Sendable, Hashable {
    package var id: Int
    /// `90 days`: what is older is compressed, or dropped.
    package var age: String
    package var isScheduled: Bool
    package var hasFailed: Bool
    /// More than an hour behind its time.
    package var isLate: Bool
    /// `nil` if it has never run to its end.
    package var lastSuccess: Date?

    package init(
      id: Int, age: String, isScheduled: Bool = true, hasFailed: Bool = false,
      isLate: Bool = false, lastSuccess: Date? = nil
    ) {
      (self.id, self.age, self.isScheduled) = (id, age, isScheduled)
      (self.hasFailed, self.isLate, self.lastSuccess) = (hasFailed, isLate, lastSuccess)
    }
  }

  package var engine: StorageEngine
  package var postgresVersion: String
  /// `nil` where the database has no such extension; it may have it and keep the events plainly.
  package var timescaleVersion: String?
  package var plain = Space()
  package var compressed = Space()
  /// Chunks that the compression job should have compressed by now.
  package var overdue = 0
  /// The columns by which compressed rows lie together.
  package var segmentedBy = ""
  /// `nil` where there is none.
  package var compression: Job?
  /// `nil` where there is none.
  package var retention: Job?
  /// Up to where raw events were dropped; `nil` if none were, or without the right to look.
  package var droppedBefore: Date?

  package init(engine: StorageEngine, postgresVersion: String, timescaleVersion: String? = nil) {
    self.engine = engine
    self.postgresVersion = postgresVersion
    self.timescaleVersion = timescaleVersion
  }
}

extension Migrator {
  /// - Returns: `nil` while there is no table.
  package func storage() async throws(MigrationError) -> StorageReport? {
    try await connected { session in
      guard let place = try await EnginePlace.read(session.schema, on: session.connection) else {
        return nil
      }
      return try await StorageReport.read(place.engine, in: session.schema, on: session.connection)
    }
  }
}

// MARK: - Reading

extension StorageReport {
  static func read(
    _ engine: StorageEngine, in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> StorageReport {
    let versions = try await connection.query(Statement.engineVersion.text).only()
    var report = StorageReport(
      engine: engine, postgresVersion: try versions.decode(at: 1),
      timescaleVersion: try versions.decode(String?.self, at: 0))
    switch engine {
    case .plain:
      try report.readSpace(try await connection.query(Statement.spacePlain.text(in: schema)))
    case .timescale:
      let name = PostgresParameter.text(schema.name)
      try report.readSpace(
        try await connection.query(Statement.spaceTimescale.text(in: schema), [name]))
      try report.readJobs(try await connection.query(Statement.timescaleJobs.text, [name]))
      report.segmentedBy =
        try await connection.query(Statement.compressionColumns.text, [name]).only().decode(at: 0)
    }
    report.droppedBefore = try await boundary(in: schema, on: connection)
    return report
  }

  private static func boundary(
    in schema: SchemaName, on connection: PostgresConnection
  ) async throws(PostgresError) -> Date? {
    do {
      let row = try await connection.query(Statement.droppedBefore.text(in: schema)).only()
      return try row.decode(Date?.self, at: 0)
    } catch {
      // A writer may not look; the table may be to come with a migration that waits.
      guard error.sqlState == .insufficientPrivilege || error.sqlState == .unknownTable else {
        throw error
      }
      return nil
    }
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
        hasFailed: try row.decode(Bool.self, "has_failed"),
        isLate: try row.decode(Bool.self, "is_late"),
        lastSuccess: try row.decode(Date?.self, "last_success"))
      if try row.decode(Bool.self, "compresses") { compression = job } else { retention = job }
    }
  }
}
