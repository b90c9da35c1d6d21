import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import LocalPostgres
import Testing

@Suite("A standby takes over", .serialized, .timeLimit(.minutes(60)))
struct FailoverTests {
  @Test("the primary dies under load: all events are on the standby once, without manual steps")
  func primaryDies() async throws {
    try await withStandby { primary, standby in
      try await withTemporaryDirectory { directory in
        let log = RecordedLog()
        let sink = ObservedSink(try PostgresEventSink(url: failoverURL(primary, standby)))
        let client = try AnalyticsClient(
          .eager(.durable(directory: directory + "/spool", limitBytes: 128 << 20)), sink: sink)
        let load = Load(client, threads: 3)
        try await withWorker(client, logger: log.logger) {
          var answers = sink.answers.makeAsyncIterator()
          for _ in 0..<20 { while case .failure? = await answers.next() {} }
          try await primary.stop(.immediate)
          // The standby runs, but refuses writes.
          for _ in 0..<3 { while case .success? = await answers.next() {} }
          try await standby.promote()
          for _ in 0..<10 { while case .failure? = await answers.next() {} }
          await load.stop()
          try await client.flush(timeout: .seconds(300))
        }
        print(client.accounting)
        #expect(client.accounting.isBalanced)
        #expect(client.accounting.stored == load.acknowledged)
        let url = standby.url(database: "postgres")
        #expect(try await eventCount(url) == load.acknowledged)
        let distinct: Int = try await withConnection(url) {
          try await $0.query("SELECT count(DISTINCT data->>'task_id') FROM analytics_events")
            .only().decode(at: 0)
        }
        #expect(distinct == load.acknowledged)
        expectPauses(in: log)
      }
    }
  }

  @Test("the sink moves from a read-only primary to the writable server")
  func primaryGoesReadOnly() async throws {
    try await withStandby { primary, standby in
      let sink = try PostgresEventSink(url: failoverURL(primary, standby))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      try await withWorker(client) {
        try await tracker.track(new: 30, again: 0)
        try await alter(
          primary.url(database: "postgres"),
          ["default_transaction_read_only": "on", "synchronous_standby_names": ""])
        try await standby.promote()
        try await tracker.track(new: 30, again: 7)
      }
      #expect(client.accounting.stored == 60)
      #expect(client.accounting.duplicates == 7)
      #expect(try await eventCount(standby.url(database: "postgres")) == 60)
    }
  }

  @Test(
    "a URL of a standby: events are kept, one line is logged, and they are stored after promotion")
  func onlyAStandby() async throws {
    try await withStandby { primary, standby in
      let log = RecordedLog()
      let url = standby.url(database: "postgres")
      let sink = ObservedSink(try PostgresEventSink(url: url))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      try await withWorker(client, logger: log.logger) {
        for _ in 0..<30 { client.track(.sample()) }
        var answers = sink.answers.makeAsyncIterator()
        for _ in 0..<4 { _ = await answers.next() }
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.contains("connect to the primary server") == true)
        #expect(client.accounting.pending == 30)
        try await primary.stop(.immediate)
        try await standby.promote()
        try await client.flush(timeout: .seconds(300))
      }
      expectPauses(in: log)
      #expect(try await eventCount(url) == 30)
    }
  }

  @Test("rows that only the primary has do not count as stored, even if COMMIT's deadline passes")
  func standbyIsBehind() async throws {
    try await withStandby { primary, standby in
      let sink = ObservedSink(
        try PostgresEventSink(
          AnalyticsDatabase(url: failoverURL(primary, standby)),
          statementTimeout: .milliseconds(500)))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      try await withWorker(client) {
        try await tracker.track(new: 30, again: 0)
        try await alter(standby.url(database: "postgres"), ["primary_conninfo": ""])
        try await cutOff(primary)
        let flushed = Task { [tracker] in
          var tracker = tracker
          try await tracker.track(new: 25, again: 0)
          return tracker
        }
        var answers = sink.answers.makeAsyncIterator()
        // One attempt is committed on the primary. The attempts after it find their rows there.
        while try await eventCount(primary.url(database: "postgres")) == 30 { await Task.yield() }
        for _ in 0..<8 { while case .success? = await answers.next() {} }
        #expect(client.accounting.stored == 30)
        try await primary.stop(.immediate)
        try await standby.promote()
        tracker = try await flushed.value
      }
      #expect(client.accounting.stored == 55)
      #expect(try await eventCount(standby.url(database: "postgres")) == 55)
    }
  }

  /// Returns once no standby streams from the server.
  private func cutOff(_ primary: LocalPostgres) async throws {
    try await withConnection(primary.url(database: "postgres")) { connection in
      while try await !connection.query("SELECT FROM pg_stat_replication").isEmpty {
        await Task.yield()
      }
    }
  }
}
