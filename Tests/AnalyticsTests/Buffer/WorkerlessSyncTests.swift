import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A client without a worker")
struct WorkerlessSyncTests {
  private func client(in directory: String, every interval: Duration) throws -> AnalyticsClient {
    var configuration = AnalyticsConfiguration(
      service: "test",
      buffer: .durable(directory: directory, limitBytes: 16 << 20, syncInterval: interval))
    configuration.segmentBytes = 64 << 10
    return try AnalyticsClient(configuration, sink: UnusedSink())
  }

  @Test("syncs its events at every sync interval")
  func interval() async throws {
    try await withTemporaryDirectory { directory in
      let plan = SystemFaultPlan(below: directory)
      defer { plan.end() }
      let client = try client(in: directory, every: .milliseconds(5))
      client.track(Numbered(number: 1))
      try await until { plan.calls.contains(.syncMemory) }
      #expect(client.accounting.pending == 1)
    }
  }

  @Test("syncs its events when it is released")
  func end() async throws {
    try await withTemporaryDirectory { directory in
      let plan = SystemFaultPlan(below: directory)
      defer { plan.end() }
      do {
        let client = try client(in: directory, every: .seconds(3600))
        client.track(Numbered(number: 1))
        #expect(!plan.calls.contains(.syncMemory))
      }
      #expect(plan.calls.contains(.syncMemory))
    }
  }
}
