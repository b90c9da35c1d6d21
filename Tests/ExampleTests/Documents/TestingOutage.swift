import Analytics
import AnalyticsTestKit
import Foundation
import Testing

@Test("an event is stored when the database is back", .timeLimit(.minutes(60)))
func outage() async throws {
  let sink = InMemorySink()
  let clock = ManualClock()
  var configuration = AnalyticsConfiguration.testing()
  configuration.clock = clock
  let analytics = try AnalyticsClient(configuration, sink: sink)
  let worker = Task { try await AnalyticsWorker(analytics).run() }
  defer { worker.cancel() }

  sink.fail(with: EventSinkError(.retry, "the database is away"))
  analytics.track(CheckoutCompleted(userID: UUID(), amountCents: 4200, currency: "EUR"))
  // The worker waits for its two intervals and for the pause before its next attempt.
  await clock.waitForSleepers(3)
  clock.advance(by: .seconds(1))
  try await analytics.flush()

  #expect(sink.events.count == 1)
}
