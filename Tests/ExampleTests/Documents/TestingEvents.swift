import Analytics
import AnalyticsTestKit
import Foundation
import Testing

@Test("a checkout is tracked once", .timeLimit(.minutes(60)))
func checkout() async throws {
  let sink = InMemorySink()
  let analytics = try AnalyticsClient(.testing(), sink: sink)
  let worker = Task { try await AnalyticsWorker(analytics).run() }
  defer { worker.cancel() }

  analytics.track(CheckoutCompleted(userID: UUID(), amountCents: 4200, currency: "EUR"))
  try await analytics.flush(timeout: .seconds(300))

  #expect(sink.events.map(\.type) == ["checkout_completed"])
}
