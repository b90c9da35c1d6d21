import Analytics
import AnalyticsStore
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// A service that runs tasks and tracks them with analytics.
///
/// ```
/// DATABASE_URL=postgres://… swift run --enable-all-traits TaskService [seconds]
/// ```
/// The workload is simulated; everything else is as in a real service.
@main
struct TaskService {
  static func main() async throws {
    let logger = Logger(label: "task-service")
    let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 5
    guard let databaseURL = ProcessInfo.processInfo.environment["DATABASE_URL"] else {
      let line =
        "DATABASE_URL is not set in the environment; set it to the URL of the events' database\n"
      FileHandle.standardError.write(Data(line.utf8))
      exit(1)
    }

    var configuration = AnalyticsConfiguration(service: "task-service", environment: "demo")
    if let spool = ProcessInfo.processInfo.environment["SPOOL_DIRECTORY"] {
      configuration.buffer = .durable(directory: spool)
    }
    let analytics = try AnalyticsClient(
      configuration, sink: try PostgresEventSink(url: databaseURL))
    let worker = AnalyticsWorker(analytics, logger: logger)

    let tasks = TaskRunner(analytics: analytics, duration: .seconds(seconds))
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: worker),
          // When the workload ends, the group shuts down and the worker stores the remaining
          // events.
          .init(service: tasks, successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    let start = ContinuousClock.now
    try await group.run()
    report(analytics.accounting, in: ContinuousClock.now - start)
  }

  private static func report(_ accounting: EventAccounting, in duration: Duration) {
    let seconds =
      Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    let rate = Int(Double(accounting.stored) / seconds)
    print(
      "tracked \(accounting.tracked), stored \(accounting.stored), pending \(accounting.pending), "
        + "dropped \(accounting.dropped.values.reduce(0, +)), \(rate) events/s")
  }
}

/// An event type of this application.
struct TaskRated: TrackableEvent {
  static let eventType: StaticString = "task_rated"
  var userID: UUID?
  var taskID: UUID
  var stars: Int
  var remark: String?

  func encode(to fields: inout EventFields) {
    fields.add("task_id", taskID)
    fields.add("stars", stars)
    fields.add("remark", remark, .freeText)
  }
}

/// Simulates people who create tasks, which run, succeed or fail, and are rated.
struct TaskRunner: Service {
  let analytics: AnalyticsClient
  let duration: Duration

  func run() async throws {
    // The application knows these people by number, analytics by UUID.
    let people = (1...200).map { analytics.userID(for: $0) }
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end, !Task.isShuttingDownGracefully {
      for _ in 0..<100 { runOneTask(of: people[Int.random(in: 0..<people.count)]) }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private func runOneTask(of user: UUID) {
    let task = UUID()
    analytics.track(.taskCreated(taskID: task, userID: user, command: "make all"))
    analytics.track(.taskStarted(taskID: task, userID: user))
    let milliseconds = Int.random(in: 20...4000)
    if Int.random(in: 0..<20) == 0 {
      analytics.track(
        .taskFailed(
          taskID: task, userID: user, durationMS: milliseconds, exitCode: 2,
          error: "make: *** [all]"))
    } else {
      analytics.track(
        .taskCompleted(taskID: task, userID: user, durationMS: milliseconds, exitCode: 0))
      analytics.track(TaskRated(userID: user, taskID: task, stars: Int.random(in: 1...5)))
    }
    analytics.track(
      .apiRequest(
        service: "task-service", endpoint: "/tasks/{id}/run", method: "POST", statusCode: 202,
        durationMS: milliseconds / 100, userID: user))
  }
}
