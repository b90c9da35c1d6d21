import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Logging
import Testing

/// The database of one test: its configuration, and a connection for the test's own queries.
struct StoreFixture: Sendable {
  let configuration: PostgresConfiguration
  let connection: PostgresConnection

  func migrator(
    _ migrations: [Migration] = Migration.all, schema: String? = nil, engine: EngineChoice = .auto
  ) -> Migrator {
    Migrator(
      AnalyticsDatabase(configuration, schema: schema), migrations: migrations, engine: engine,
      lockTimeout: .seconds(300), logger: silentLogger)
  }

  /// A sink for the database, which is migrated first.
  func sink(engine: EngineChoice = .auto) async throws -> PostgresEventSink {
    try await migrator(engine: engine).apply()
    return PostgresEventSink(AnalyticsDatabase(configuration))
  }

  func scalar<Value: PostgresDecodable>(
    _ sql: String, _ parameters: [PostgresParameter] = []
  ) async throws -> Value {
    try await connection.query(sql, parameters).only().decode(at: 0)
  }

  func eventCount() async throws -> Int {
    try await scalar("SELECT count(*) FROM analytics_events")
  }
}

/// Runs a test with an empty database.
///
/// - Parameter url: The URL of a database on a server of the test's own.
func withStore(
  url: String? = nil, on server: SharedTestServer = .shared,
  _ body: (StoreFixture) async throws -> Void
) async throws {
  func run(_ url: String) async throws {
    let configuration = try PostgresConfiguration(url: url)
    try await PostgresConnection.withConnection(to: configuration) { connection in
      try await body(StoreFixture(configuration: configuration, connection: connection))
    }
  }
  if let url { return try await run(url) }
  try await withTestDatabase(on: server) { try await run($0) }
}

/// An event with its id.
struct KeyedEvent: Hashable {
  let id: UUID
  let timestamp: EventTimestamp

  static func random(
    _ count: Int, days: Int = 3, using generator: inout some RandomNumberGenerator
  ) -> [KeyedEvent] {
    (0..<count).map { _ in
      let day = Int64.random(in: 0..<Int64(days), using: &generator)
      let second = Int64.random(in: 0..<86_400, using: &generator)
      let bits = (generator.next(), generator.next())
      return KeyedEvent(
        id: UUID(uuid: unsafeBitCast(bits, to: uuid_t.self)),
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: 1_790_000_000_000_000 + (day * 86_400 + second) * 1_000_000))
    }
  }
}

extension EventBatch {
  static func of(_ events: [KeyedEvent], name: String = "Engine") throws -> EventBatch {
    let enriched = events.map { event in
      EnrichedEvent(
        timestamp: event.timestamp,
        event: .projectCreated(projectID: event.id, userID: event.id, name: name),
        hostname: "host", environment: nil)
    }
    return try encoding(enriched, ids: events.map(\.id))
  }
}

/// The `EventSinkError` of a write that must fail.
func sinkError(
  sourceLocation: SourceLocation = #_sourceLocation, _ sink: PostgresEventSink, _ batch: EventBatch
) async -> EventSinkError? {
  do {
    _ = try await sink.write(batch)
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

extension PostgresEventSink {
  /// Repeats a batch until it is stored, as a worker does, but without pauses.
  func writeInTheEnd(_ first: EventBatch) async throws -> EventReceipt {
    var batch = first
    for _ in 0..<5 {
      do throws(EventSinkError) {
        return try await write(batch)
      } catch {
        guard error.kind == .retry else { throw error }
        if error.outcomeUnknown { batch = batch.asRetryOfUnknownOutcome }
      }
    }
    return try await write(batch)
  }
}
