import Analytics
import Foundation
import Testing

/// Tracks events, some of them twice, and counts how many must be stored.
struct CountingTracker: Sendable {
  let client: AnalyticsClient
  private(set) var new = 0
  private(set) var again = 0
  private var known: [(id: UUID, timestamp: EventTimestamp)] = []

  init(_ client: AnalyticsClient) { self.client = client }

  /// Returns once all events are stored.
  mutating func track(new newCount: Int, again againCount: Int) async throws {
    let origin = try #require(client.origin(hostname: nil, environment: nil))
    let old = known.suffix(againCount)
    let fresh = (0..<newCount).map { number in
      let microseconds = 1_790_000_000_000_000 + Int64(new + number)
      return (UUID(), EventTimestamp(microsecondsSinceUnixEpoch: microseconds))
    }
    for (id, timestamp) in old + fresh {
      let event = AnalyticsEvent.projectCreated(projectID: id, userID: id, name: "Engine")
      let reason = try await client.record(event, at: timestamp, id: id, from: origin)
      #expect(reason == nil)
    }
    known += fresh
    new += newCount
    again += old.count
    try await client.flush(timeout: .seconds(300))
  }
}
