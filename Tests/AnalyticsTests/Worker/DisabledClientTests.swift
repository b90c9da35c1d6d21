import Analytics
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("A client that is disabled", .timeLimit(.minutes(60)))
struct DisabledClientTests {
  @Test("takes every event, keeps none, and its worker ends when it is told to")
  func disabled() async throws {
    let client = AnalyticsClient.disabled
    #expect(client.track(.taskStarted(taskID: UUID(), userID: UUID())) == nil)
    #expect(client.accounting.tracked == 0 && client.accounting.pending == 0)
    try await client.flush()
    let worker = Task { try await AnalyticsWorker(client, logger: silentLogger).run() }
    worker.cancel()
    _ = await worker.result
    #expect(client.accounting.tracked == 0 && client.accounting.pending == 0)
  }
}
