import Analytics
import AnalyticsServer
import AnalyticsStore
import AnalyticsTestKit
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle

// What the examples of the documents take for granted. They are compiled, and run only where they are
// tests; a house rule compares them with the documents, imports and all.

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
  var configuration: AnalyticsConfiguration
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

/// A sink of one's own. It keeps in memory what it is given.
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
