import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Synchronization
import Testing

@testable import Analytics

@Suite("The clock is set while a service runs")
struct ClockTests {
  /// A wall clock that the test sets.
  private final class SettableClock: Sendable {
    private let offset = Mutex<Int64>(0)

    func set(hoursAhead hours: Int64) { offset.withLock { $0 = hours * 3_600_000_000 } }

    func now() -> EventTimestamp {
      let system = Machine.now().microsecondsSinceUnixEpoch
      return EventTimestamp(microsecondsSinceUnixEpoch: system + offset.withLock { $0 })
    }
  }

  @Test(
    "back a day and ahead a day: no event is lost or doubled, and events too far ahead are counted"
  )
  func set() async throws {
    try await withTestDatabase { url in
      try await migrate(url)
      try await withTemporaryDirectory { directory in
        let clock = SettableClock()
        var configuration = AnalyticsConfiguration.eager(.durable(directory: directory + "/spool"))
        configuration.now = { clock.now() }
        let sink = try PostgresEventSink(url: url)
        var (stored, ahead) = (0, 0)
        var accounting = EventAccounting()
        do {
          let client = try AnalyticsClient(configuration, sink: sink)
          try await withWorker(client) {
            // The clock also changes while some events are not stored yet.
            for (hours, isTooFar) in [
              (0, false), (-24, false), (0, false), (23, false), (25, true), (-24, false),
              (48, true),
              (0, false),
            ] {
              clock.set(hoursAhead: Int64(hours))
              for _ in 0..<300 { #expect(client.track(.sample()) == nil) }
              if isTooFar { ahead += 300 } else { stored += 300 }
              if hours != -24 { try await client.flush(timeout: .seconds(300)) }
            }
            try await client.flush(timeout: .seconds(300))
          }
          accounting = client.accounting
        }
        #expect(accounting.stored == stored)
        #expect(accounting.rejected == [.future: ahead])
        #expect(accounting.dropped.isEmpty && accounting.duplicates == 0)
        #expect(accounting.isBalanced)
        #expect(try await eventCount(url) == stored)
        let ids = try await withConnection(url) {
          try await $0.query("SELECT count(DISTINCT id) FROM analytics_events").only()
            .decode(Int.self, at: 0)
        }
        #expect(ids == stored)
        #expect(await leftovers(of: directory + "/spool") == [])
      }
    }
  }
}
