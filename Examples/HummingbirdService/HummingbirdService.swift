import Analytics
import AnalyticsHummingbird
import AnalyticsStore
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A Hummingbird service whose requests and tasks are tracked.
///
/// ```
/// DATABASE_URL=postgres://… PORT=8080 swift run --enable-all-traits HummingbirdService
/// curl -d 'make all' http://127.0.0.1:8080/tasks
/// ```
@main
struct HummingbirdService {
  static func main() async throws {
    let logger = Logger(label: "hummingbird-service")
    let environment = ProcessInfo.processInfo.environment
    guard let databaseURL = environment["DATABASE_URL"] else {
      let line =
        "DATABASE_URL is not set in the environment; set it to the URL of the events' database\n"
      FileHandle.standardError.write(Data(line.utf8))
      exit(1)
    }
    var configuration = AnalyticsConfiguration(service: "hummingbird-service")
    if let spool = environment["SPOOL_DIRECTORY"] {
      configuration.buffer = .durable(directory: spool)
    }
    let analytics = try AnalyticsClient(
      configuration, sink: try PostgresEventSink(url: databaseURL))

    let application = Application(
      router: router(analytics),
      configuration: .init(
        address: .hostname("127.0.0.1", port: environment["PORT"].flatMap(Int.init) ?? 8080)),
      // Services shut down in reverse order. The worker stores what the last requests tracked.
      services: [AnalyticsWorker(analytics, logger: logger)],
      onServerRunning: { channel in
        // Written unbuffered: another process may wait for this line at the other end of a pipe.
        let line = "listening on 127.0.0.1:\(channel.localAddress?.port ?? 0)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
      },
      logger: logger)
    try await application.runService()
    print("stored \(analytics.accounting.stored) of \(analytics.accounting.tracked)")
  }

  private static func router(_ analytics: AnalyticsClient) -> Router<BasicRequestContext> {
    let tasks = Tasks()
    let router = Router()
    // First, so that it sees the responses of everything that follows.
    router.add(middleware: AnalyticsMiddleware(analytics, service: "hummingbird-service"))
    router.post("/tasks") { request, _ in
      let command = String(buffer: try await request.body.collect(upTo: 10_000))
      let task = tasks.add(command)
      analytics.track(
        .taskCreated(taskID: task, userID: analytics.userID(for: "ada"), command: command))
      return EditedResponse(status: .created, response: task.uuidString)
    }
    router.get("/tasks/:id") { _, context in
      let id = try context.parameters.require("id", as: UUID.self)
      guard let command = tasks[id] else { throw HTTPError(.notFound) }
      return command
    }
    return router
  }
}

/// The tasks, in memory.
private final class Tasks: Sendable {
  private let commands = Mutex<[UUID: String]>([:])

  subscript(id: UUID) -> String? { commands.withLock { $0[id] } }

  func add(_ command: String) -> UUID {
    let id = UUID()
    commands.withLock { $0[id] = command }
    return id
  }
}
