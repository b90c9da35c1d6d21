import Analytics
import AnalyticsStore
import Foundation
import Logging
import ServiceLifecycle

/// Fills a database with events that are spread evenly over some days, up to now. The events pass through client and
/// worker, so they are stored as a service stores them.
enum Generator {
  static let argument = "generate"

  /// The command that `scripts/generate-events` runs.
  static func run(_ arguments: ArraySlice<String>) async throws {
    let numbers = arguments.compactMap { Int($0) }
    guard numbers.count == 2, arguments.count == 2, numbers.allSatisfy({ $0 > 0 }) else {
      throw BenchError("the number of days and of events is missing: generate 60 1000000")
    }
    try await fill(try Database.fromEnvironment(), days: numbers[0], events: numbers[1])
  }

  /// Migrates and stores. At the end it rolls up the events that are still pending.
  static func fill(_ database: Database, days: Int, events: Int) async throws {
    try database.analytics("migrate", "all")
    let time = try await seconds { try await store(events, days: days, in: database) }
    try database.analytics("rollups", "refresh")
    // The tables then look as they do some minutes later in production.
    try database.psql("-c", "VACUUM (ANALYZE)")
    print("\(events) events of \(days) days were stored in \(time.rounded) s.\n")
  }

  private static func store(_ count: Int, days: Int, in database: Database) async throws {
    let end = Int64(Date().timeIntervalSince1970 * 1_000_000)
    let span = Int64(days) * 86_400_000_000
    try await withClient(of: database) { analytics in
      var workload = Workload()
      for index in 0..<Int64(count) {
        let instant = end - span + (index + 1) * (span / Int64(count))
        analytics.track(
          workload.next(on: Int(instant / 86_400_000_000)),
          at: EventTimestamp(microsecondsSinceUnixEpoch: instant))
        guard index % 10_000 == 0 else { continue }
        while analytics.accounting.pending > 100_000 { usleep(1000) }
      }
      try await analytics.flush(timeout: .seconds(300))
      guard analytics.accounting.stored == count else {
        throw BenchError("not all events were stored: \(analytics.accounting)")
      }
    }
  }

  /// A client with a running worker.
  static func withClient(
    of database: Database, buffer: BufferMode = .memory(limitBytes: 1 << 30),
    _ body: (AnalyticsClient) async throws -> Void
  ) async throws {
    let sink = try PostgresEventSink(AnalyticsDatabase(url: database.url, schema: database.schema))
    let analytics = try AnalyticsClient(
      AnalyticsConfiguration(
        service: "bench", environment: "production", buffer: buffer),
      sink: sink)
    let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    let group = ServiceGroup(services: [AnalyticsWorker(analytics, logger: silent)], logger: silent)
    let running = Task { try await group.run() }
    try await body(analytics)
    await group.triggerGracefulShutdown()
    try await running.value
  }
}
