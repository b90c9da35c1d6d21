import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

/// The server neither fails nor answers, so only our own limits end the wait.
@Suite("The server hangs", .serialized, .timeLimit(.minutes(60)))
struct HangTests {
  @Test("a lock on the table: events are kept, and stored once when it is released")
  func locked() async throws {
    try await withTestDatabase { url in
      try await migrate(url)
      let other = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      try await expectPause(
        of: url, owner: url, statementTimeout: .seconds(1), saying: "the deadline passed"
      ) {
        try await other.execute("BEGIN; LOCK TABLE analytics_events IN ACCESS EXCLUSIVE MODE")
      } repair: {
        await other.close()
      }
    }
  }

  @Test("a frozen server process costs its connection; another connection stores")
  func frozenProcess() async throws {
    try await withServer { _, url in
      let sink = try PostgresEventSink(AnalyticsDatabase(url: url), statementTimeout: .seconds(1))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      try await withWorker(client) {
        try await tracker.track(new: 30, again: 0)
        let frozen = try await processes(url)
        for process in frozen { kill(process, SIGSTOP) }
        try await tracker.track(new: 30, again: 7)
        #expect(try await !Set(processes(url)).subtracting(frozen).isEmpty)
        for process in frozen { kill(process, SIGCONT) }
      }
      #expect(client.accounting.stored == 60)
      #expect(client.accounting.duplicates == 7)
      #expect(try await eventCount(url) == 60)
    }
  }

  @Test("a network that drops all packets: events are kept, and stored once when it is back")
  func silentNetwork() async throws {
    try await withProxy { proxy, server, _ in
      try await expectPause(
        of: proxy.url(database: "postgres"),
        owner: server.url(database: "postgres"), statementTimeout: .seconds(1),
        saying: "the deadline passed"
      ) {
        proxy.holdTraffic(true)
      } repair: {
        proxy.holdTraffic(false)
      }
    }
  }

  @Test(
    "a shutdown ends soon after its grace period; the next worker stores all events once",
    arguments: [true, false])
  func shutdown(byLock: Bool) async throws {
    try await withProxy { proxy, server, directory in
      let url = server.url(database: "postgres")
      let other = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let sink = try PostgresEventSink(url: proxy.url(database: "postgres"))
      var configuration = AnalyticsConfiguration.eager(
        .durable(directory: directory + "/spool", limitBytes: 64 << 20))
      configuration.shutdownGrace = .milliseconds(500)
      let client = try AnalyticsClient(configuration, sink: sink)
      var end = ContinuousClock.now
      try await withWorker(client) {
        client.track(.sample())
        try await client.flush(timeout: .seconds(300))
        if byLock {
          try await other.execute("BEGIN; LOCK TABLE analytics_events IN ACCESS EXCLUSIVE MODE")
        } else {
          proxy.holdTraffic(true)
        }
        for _ in 0..<200 { client.track(.sample()) }
        if byLock { try await other.waitUntilASessionWaits() }
        end = ContinuousClock.now
      }
      // Half a second of grace, three seconds for the server to react to the cancel request, and five seconds in which
      // a new connection may be opened. The limit of a statement is 60 s.
      #expect(ContinuousClock.now - end < .seconds(45))
      #expect(client.accounting.pending == 200)
      await other.close()
      proxy.holdTraffic(false)
      try await withWorker(client) { try await client.flush(timeout: .seconds(300)) }
      #expect(client.accounting.isBalanced)
      #expect(client.accounting.pending == 0)
      #expect(try await eventCount(url) == 201)
    }
  }

  /// The server processes whose sessions belong to a sink.
  private func processes(_ url: String) async throws -> [pid_t] {
    try await withConnection(url) {
      try await $0.query(
        """
        SELECT pid FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
        """
      ).map { row in try row.decode(Int32.self, at: 0) }
    }
  }
}

extension PostgresConnection {
  /// Returns when another session waits for a lock that this session holds.
  fileprivate func waitUntilASessionWaits() async throws {
    let waiting = "SELECT FROM pg_locks WHERE NOT granted"
    while try await query(waiting).isEmpty { await Task.yield() }
  }
}
