import Analytics
import AnalyticsServer
import AnalyticsStore
import AnalyticsTestKit
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle

// The declarations that the documents' examples assume. The examples are compiled; only those that are tests run. A
// house rule compares them and their imports with the documents.

/// A service that has users, tasks and workspaces.
struct ExampleService {
  struct User { var id: UUID }
  struct Job {
    var id: UUID
    var command: String
  }
  struct Workspace { var id, ownerID: UUID }

  var user: User
  var task: Job
  var workspace: Workspace
  var databaseURL: String
  var environment: [String: String]
  var logger: Logger
  var server: any Service
  var router: Router<BasicRequestContext>
  var analytics: AnalyticsClient
  var worker: AnalyticsWorker
}

/// A service that counts usage.
struct ExampleCounting {
  var sink: PostgresUsageSink
  var usage: UsageTracker
}

/// A service that reads its configuration from keys.
struct ExampleConfiguration {
  var sink: PostgresEventSink
}

/// A service that serves reports in its own router.
struct ExampleReports {
  var databaseURL: String
  var router: Router<BasicRequestContext>
}

/// An application's own sink. It keeps its events in memory.
struct MySink: EventSink {
  private let memory = InMemorySink()
  var destination: String { memory.destination }

  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    try await memory.write(batch)
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    try await memory.deadLetter(row, because: refusal)
  }

  func readAll() async throws -> [StoredEvent] { memory.events }
}
