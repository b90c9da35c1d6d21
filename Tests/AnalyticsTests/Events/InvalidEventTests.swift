import AnalyticsTestKit
import Foundation
import Testing

@testable import Analytics

@Suite("Events that no report could use")
struct InvalidEventTests {
  private func outcome(_ event: AnalyticsEvent) throws -> DropReason? {
    try AnalyticsClient(.testing(), sink: InMemorySink()).track(event)
  }

  @Test("a negative duration is refused, one of zero is not", arguments: [-1, 0, Int.min, Int.max])
  func durations(duration: Int) throws {
    let expected: DropReason? = duration < 0 ? .invalid : nil
    let (task, user) = (UUID(), UUID())
    for event: AnalyticsEvent in [
      .taskCompleted(taskID: task, userID: user, durationMS: duration, exitCode: 0),
      .taskFailed(taskID: task, userID: user, durationMS: duration, error: "x"),
      .taskCancelled(taskID: task, userID: user, durationMS: duration),
      .cocoonDisconnected(cocoonID: task, durationSeconds: duration),
      .apiRequest(
        service: "s", endpoint: "/", method: "GET", statusCode: 200, durationMS: duration),
      .databaseQuery(service: "s", queryType: "select", durationMS: duration),
      .webhookProcessed(
        provider: "p", eventType: "push", deliveryID: "d", success: true, durationMS: duration),
    ] {
      #expect(try outcome(event) == expected)
    }
  }

  @Test("JSON nested deeper than 64 levels is refused", arguments: [1, 64, 65, 5000])
  func nesting(depth: Int) throws {
    // The innermost level may be empty or not.
    for innermost in [[nil], []] as [JSONValue] {
      let context = (1..<depth).reduce(innermost) { inner, _ in ["": inner] }
      let event = AnalyticsEvent.applicationError(
        service: "s", errorType: "t", errorMessage: "m", context: context)
      #expect(try outcome(event) == (depth > 64 ? .invalid : nil))
    }
  }
}
