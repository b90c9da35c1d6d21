import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The checks of `doctor` in a database. A check that fails becomes a finding, and the others still
/// run.
struct Examination {
  private let database: AnalyticsDatabase
  private let connection: PostgresConnection
  private var findings: [Finding] = []
  /// Whether the connection is unusable.
  private var isOver = false

  private init(_ database: AnalyticsDatabase, _ connection: PostgresConnection) {
    (self.database, self.connection) = (database, connection)
  }

  static func findings(in database: AnalyticsDatabase) async throws -> [Finding] {
    try await database.withSession { connection in
      var examination = Examination(database, connection)
      await examination.run()
      return examination.findings
    }
  }

  private mutating func run() async {
    let migrator = Migrator(database)
    var server: DatabaseServerFacts?
    await look(at: "server") { this in
      let before = Date().timeIntervalSince1970
      let facts = try await this.read(DatabaseServerFacts.read)
      server = facts
      return Diagnosis.server(facts, clockSeconds: (before + Date().timeIntervalSince1970) / 2)
    }
    guard let server else { return }
    await look(at: "migrations") { this in
      [
        Diagnosis.migrations(
          waiting: try await migrator.dryRun().count,
          elsewhere: server.hasTable || this.database.wantedSchema != nil ? [] : server.elsewhere)
      ]
    }
    guard server.hasTable else { return }
    await look(at: "columns") { _ in
      try await migrator.schemaReport().map(Diagnosis.tables) ?? []
    }
    await look(at: "engine") { _ in try await migrator.storage().map(Diagnosis.storage) ?? [] }
    var mayStore = true
    await look(at: "partitions") { this in
      let facts = try await this.read(TableFacts.read)
      mayStore = facts.mayInsert && facts.mayMakePartitions
      return Diagnosis.table(facts)
    }
    await look(at: "settings") { [database] this in
      Diagnosis.storing(
        try await this.read {
          try await StoringFacts.read(on: $0, schemaIsGiven: database.wantedSchema != nil)
        })
    }
    await look(at: "raw events") { _ in [Diagnosis.rawEvents(try await migrator.lostDays())] }
    await look(at: "batches") { _ in
      [Diagnosis.batches(unknown: try await migrator.eventsOfUnknownBatches())]
    }
    if mayStore, !server.isStandby, !server.isReadOnly {
      await look(at: "storing") { this in
        [Diagnosis.trial(await StoringTrial.run(on: this.connection, in: this.database))]
      }
    }
  }

  private func read<Facts>(
    _ body: (PostgresConnection) async throws -> Facts
  ) async throws -> Facts {
    try await database.read(on: connection, body)
  }

  private mutating func look(
    at name: String, _ body: (Examination) async throws -> [Finding]
  ) async {
    guard !isOver else { return }
    do {
      findings += try await body(self)
    } catch {
      findings.append(.fail(name, "\(error)", "fix this and run doctor again"))
      // An error about a statement has an SQL state; all other errors are about the connection.
      isOver = (error as? PostgresError).map { $0.sqlState == nil } ?? false
    }
  }
}
