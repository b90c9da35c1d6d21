import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

@Suite(
  "The server's disk is full",
  .enabled(if: SmallDisk.obstacle == nil, "\(SmallDisk.obstacle ?? "")"), .serialized,
  .timeLimit(.minutes(60)))
struct FullDiskTests {
  @Test("no space for events: they are kept, and stored once when there is space again")
  func tables() async throws {
    try await SmallDisk.with(bytes: 64 << 20) { disk in
      try await withServer { server, url in
        try await keepTables(of: server, in: disk.path + "/events")
        try await expectPause(of: url, owner: url, saying: "SQLSTATE 53100") {
          try disk.fill()
        } repair: {
          try disk.empty()
        }
      }
    }
  }

  @Test(
    "no space for the WAL: the server crashes, and after its restart all events are stored once")
  func log() async throws {
    // During recovery no checkpoint frees space, so the disk needs room for the whole log written before the restart.
    try await SmallDisk.with(bytes: 384 << 20) { disk in
      try await withServer(in: disk.path) { server, url in
        // The events have space, but the log has none. Both disks are in memory, so that a busy disk does not delay the
        // restart.
        try await SmallDisk.with(bytes: 512 << 20) { roomy in
          try await keepTables(of: server, in: roomy.path + "/events")
          let postgres = try PostgresEventSink(url: url)
          let sink = ObservedSink(postgres)
          let client = try AnalyticsClient(.eager(.memory()), sink: sink)
          let log = RecordedLog()
          var tracker = CountingTracker(client)
          try await withWorker(client, logger: log.logger) {
            try await tracker.track(new: 200, again: 0)
            try disk.fill()
            let flushed = Task { [tracker] in
              var tracker = tracker
              // The log has 16 MB already. These events need more.
              for _ in 0..<30 { try await tracker.track(new: 2_000, again: 0) }
              return tracker
            }
            var answers = sink.answers.makeAsyncIterator()
            for _ in 0..<3 { while case .success? = await answers.next() {} }
            try disk.empty()
            // The operator, or the program that supervises the server, restarts it.
            try await server.restart(.immediate)
            tracker = try await flushed.value
          }
          // The first server process without space ends all connections, so each of these messages can be the first.
          let reason = log.lines.first ?? ""
          let expected = ["pg_wal", "connection was lost", "in recovery mode"]
          #expect(expected.contains { reason.contains($0) }, "\(log.lines)")
          expectPauses(in: log)
          #expect(client.accounting.stored == tracker.new)
          #expect(try await eventCount(url) == tracker.new)
          try await server.stop(.immediate)
        }
      }
    }
  }

  /// Puts all tables of a server into a directory of their own.
  private func keepTables(of server: LocalPostgres, in directory: String) async throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    try server.takeOver(directory)
    // The connection uses another database, because this one must have no connections.
    try await withConnection(server.url(database: "template1")) { connection in
      try await connection.execute("CREATE TABLESPACE elsewhere LOCATION '\(directory)'")
      try await connection.execute("ALTER DATABASE postgres SET TABLESPACE elsewhere")
    }
  }
}
