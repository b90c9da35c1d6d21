import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import LocalPostgres
import Testing

@Suite(
  "Behind PgBouncer in transaction mode",
  .enabled(if: LocalPgBouncer.isInstalled, "\(LocalPgBouncer.absence)"), .serialized,
  .timeLimit(.minutes(60)))
struct PgBouncerTests {
  @Test(
    "two clients share one or two connections to the server: each event is stored once",
    arguments: [1, 2])
  func fewConnections(poolSize: Int) async throws {
    try await withServer { server, url in
      let bouncer = try await LocalPgBouncer.start(
        before: server.socketDirectory, poolSize: poolSize)
      let sinks = try (0..<2).map { _ in
        try PostgresEventSink(url: bouncer.url(database: "postgres"))
      }
      let clients = try sinks.map { sink in
        // The second writer starts when batches are full.
        var configuration = AnalyticsConfiguration.eager(.memory())
        configuration.batchRowsMax = 50
        return try AnalyticsClient(configuration, sink: sink)
      }
      try await withThrowingTaskGroup(of: CountingTracker.self) { group in
        for client in clients {
          group.addTask {
            var tracker = CountingTracker(client)
            try await withWorker(client) {
              for again in [0, 150, 0, 300, 1] { try await tracker.track(new: 200, again: again) }
            }
            return tracker
          }
        }
        for try await tracker in group {
          #expect(tracker.client.accounting.stored == tracker.new)
          #expect(tracker.client.accounting.duplicates == tracker.again)
          #expect(tracker.client.accounting.isBalanced)
        }
      }
      // Checked before a new connection is opened, because a closed connection may stay listed for a moment.
      #expect(try await serverConnections(url) <= poolSize)
      #expect(try await eventCount(url) == 2_000)
      await bouncer.stop()
    }
  }

  @Test("cut from the server around COMMIT: receipts are exact, and each row is stored once")
  func aroundCommit() async throws {
    try await withProxy { proxy, server, directory in
      let bouncer = try await LocalPgBouncer.start(before: directory, poolSize: 1)
      let sink = try PostgresEventSink(url: bouncer.url(database: "postgres"))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      try await withWorker(client) {
        var cuts = proxy.cuts.makeAsyncIterator()
        try await tracker.track(new: 30, again: 0)
        for cut in [
          Cut.beforeCommit, .beforeCommitUnnoticed, .withCommit, .beforeAnswer, .afterAnswer,
        ] {
          for again in [0, 7, 0] {
            proxy.arm(cut)
            let flushed = Task { [tracker] in
              var tracker = tracker
              try await tracker.track(new: 25, again: again)
              return tracker
            }
            #expect(await cuts.next() == cut)
            proxy.closeHalfOpenLinks()
            tracker = try await flushed.value
            #expect(client.accounting.stored == tracker.new, "\(cut)")
            #expect(client.accounting.duplicates == tracker.again, "\(cut)")
          }
        }
      }
      #expect(client.accounting.isBalanced)
      #expect(try await eventCount(server.url(database: "postgres")) == tracker.new)
      await bouncer.stop()
    }
  }

  @Test("a hanging statement is cancelled through it: events are kept, and stored once")
  func hangs() async throws {
    try await withServer { server, url in
      let bouncer = try await LocalPgBouncer.start(before: server.socketDirectory, poolSize: 2)
      let other = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      try await expectPause(
        of: bouncer.url(database: "postgres"), owner: url, statementTimeout: .seconds(1),
        saying: "the deadline passed"
      ) {
        try await other.execute("BEGIN; LOCK TABLE analytics_events IN ACCESS EXCLUSIVE MODE")
      } repair: {
        await other.close()
      }
      await bouncer.stop()
    }
  }

  private func serverConnections(_ url: String) async throws -> Int {
    try await withConnection(url) {
      try await $0.query(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
        """
      ).only().decode(at: 0)
    }
  }
}
