import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import LocalPostgres
import Testing

extension OneAtATime {
  @Suite("The server goes away")
  struct RestartTests {
    @Test(
      "fast and immediate restarts under load: no event is lost or stored twice",
      .timeLimit(.minutes(60)))
    func restartedUnderLoad() async throws {
      try await withServer { server, url in
        try await withTemporaryDirectory { directory in
          let postgres = try PostgresEventSink(url: url)
          let sink = ObservedSink(postgres)
          let client = try AnalyticsClient(
            .eager(.durable(directory: directory + "/spool", limitBytes: 128 << 20)), sink: sink)
          let load = Load(client, threads: 3)
          try await withWorker(client) {
            var answers = sink.answers.makeAsyncIterator()
            for mode in [LocalPostgres.StopMode.fast, .immediate, .immediate, .fast, .immediate] {
              // Events are stored again before the next restart.
              for _ in 0..<10 { while case .failure? = await answers.next() {} }
              try await server.restart(mode)
            }
            while case .failure? = await answers.next() {}
            await load.stop()
            try await client.flush(timeout: .seconds(300))
          }
          let accounting = client.accounting
          print(accounting)
          #expect(accounting.isBalanced)
          // An event that a full buffer refused was not accepted, so it does not have to be stored.
          #expect(accounting.tracked - accounting.dropped.values.reduce(0, +) == load.acknowledged)
          #expect(accounting.stored == load.acknowledged)
          #expect(accounting.pending == 0)
          #expect(try await eventCount(url) == load.acknowledged)
          #expect(
            try await withConnection(url) {
              try await $0.query("SELECT count(DISTINCT data->>'task_id') FROM analytics_events")
                .only().decode(Int.self, at: 0)
            } == load.acknowledged)
        }
      }
    }

    @Test("after a crash another client commits with the same transaction number: nothing is lost")
    func numberGivenOutAgain() async throws {
      // The settings let only a COMMIT write the log to its file, so the crash loses the transaction number.
      try await withServer(settings: ["wal_writer_delay": "10s", "autovacuum": "off"]) {
        server, url in
        try await withTemporaryDirectory { directory in
          let proxy = try CuttingProxy(in: directory, to: url)
          defer { proxy.stop() }
          let sink = ObservedSink(try PostgresEventSink(url: proxy.url(database: "postgres")))
          let client = try AnalyticsClient(.eager(.memory()), sink: sink)
          var tracker = CountingTracker(client)
          try await withWorker(client) {
            var cuts = proxy.cuts.makeAsyncIterator()
            try await tracker.track(new: 30, again: 0)
            proxy.refuse(true)
            proxy.arm(.beforeCommitUnnoticed)
            let flushed = Task { [tracker] in
              var tracker = tracker
              try await tracker.track(new: 50, again: 7)
              return tracker
            }
            _ = await cuts.next()
            try await server.restart(.immediate)
            try await withConnection(url) { connection in
              for _ in 0..<20 {
                try await connection.execute("CREATE TEMP TABLE brief (); DROP TABLE brief")
              }
            }
            proxy.refuse(false)
            tracker = try await flushed.value
          }
          #expect(client.accounting.stored == tracker.new)
          #expect(client.accounting.duplicates == tracker.again)
          #expect(try await eventCount(url) == tracker.new)
        }
      }
    }
  }
}
