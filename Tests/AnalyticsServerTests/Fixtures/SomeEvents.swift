import Analytics
import Foundation

/// The events of two days of work, which the tests query.
enum SomeEvents {
  static let ada = UUID(uuidString: "00000000-0000-4000-8000-00000000000a")!
  static let ben = UUID(uuidString: "00000000-0000-4000-8000-00000000000b")!
  private static let hour = 3600.0
  private static let day = 86_400.0

  /// Events of today, from 20:26:40 UTC backwards, and of five days ago.
  static func all() -> [EnrichedEvent] {
    [
      .ago(
        hour, .taskCreated(taskID: UUID(), userID: ada, command: "ls"), environment: "production"),
      .ago(hour, .taskCompleted(taskID: UUID(), userID: ada, durationMS: 40, exitCode: 0)),
      .ago(2 * hour, .taskFailed(taskID: UUID(), userID: ben, durationMS: 5, error: "no")),
      .ago(
        5 * day, .taskCreated(taskID: UUID(), userID: ben, command: "ls"), environment: "staging"),
      .ago(5 * day, .taskCompleted(taskID: UUID(), userID: ben, durationMS: 20, exitCode: 0)),
      .ago(
        hour,
        .apiRequest(
          service: "web", endpoint: "/slow", method: "GET", statusCode: 500, durationMS: 900)),
      .ago(
        hour,
        .apiRequest(
          service: "web", endpoint: "/fast", method: "GET", statusCode: 200, durationMS: 10)),
      .ago(
        5 * day,
        .apiRequest(
          service: "web", endpoint: "/fast", method: "GET", statusCode: 404, durationMS: 12)),
    ]
  }

  /// Ada creates a project with this name now, by the machine's clock.
  static func now(_ name: String) -> EnrichedEvent {
    let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
    return EnrichedEvent(
      timestamp: EventTimestamp(microsecondsSinceUnixEpoch: now),
      event: .projectCreated(projectID: UUID(), userID: ada, name: name))
  }
}
