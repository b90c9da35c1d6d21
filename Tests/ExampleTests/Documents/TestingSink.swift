import AnalyticsTestKit
import Testing

@Test(
  "the sink keeps its contract", .timeLimit(.minutes(60)), arguments: EventSinkContract.checks)
func contract(check: EventSinkContract.Check) async throws {
  let sink = MySink()
  try await check.run(sink) { try await sink.readAll() }
}
