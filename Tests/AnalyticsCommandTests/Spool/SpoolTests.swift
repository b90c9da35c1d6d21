import Analytics
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Listing and draining a spool", .timeLimit(.minutes(60)))
struct SpoolTests {
  @Test("lists events of running and ended processes, and drains those of ended ones once")
  func listAndDrain() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { directory in
        let living = try client(in: directory, url: database.url)
        track(1, with: living)
        do { track(3, with: try client(in: directory, url: database.url)) }
        let before = try await Listing(in: directory)
        #expect(before.pending.count == 2)
        let alive = try #require(before.pending.first { $0.isAlive })
        let dead = try #require(before.pending.first { !$0.isAlive })
        #expect(alive.events == 1 && dead.events == 3)
        #expect(dead.service == "jobs" && dead.bytes > 0)
        #expect(dead.since == "2026-11-01T00:00:01.000000Z")
        #expect(try dead.destination == PostgresEventSink(url: database.url).destination)
        #expect(
          dead.reason.contains("process ended") && alive.reason.contains("its process is running"))

        let drained = try await drain(directory, database.url)
        #expect(drained.exitCode == 0, "\(drained.error)")
        #expect(
          drained.output
            == #"{"duplicates":0,"lost":0,"pending":0,"recovered":3,"rejected":0,"stored":3}"#
            + "\n")
        #expect(try await database.eventCount == 3)
        #expect(try await Listing(in: directory).pending.map(\.events) == [1])
        #expect(try await drain(directory, database.url).output.contains(#""recovered":0"#))
        #expect(living.accounting.pending == 1)
      }
    }
  }

  @Test("drains only events that are not too old, or all events with --accepts-from")
  func past() async throws {
    try await ImportDatabase.with { database in
      for (options, rejected) in [([], 1), (["--accepts-from", "1900-01-01"], 0)] {
        try await withSpool { directory in
          do {
            let dead = try client(in: directory, url: database.url)
            track(1, with: dead)
            dead.track(
              .taskStarted(taskID: UUID(), userID: UUID()),
              at: EventTimestamp(microsecondsSinceUnixEpoch: 0))
          }
          let outcome = try await CommandRun(
            ["spool", "drain", "--directory", directory, "--json"] + options,
            environment: ["DATABASE_URL": database.url]
          ).outcome()
          #expect(outcome.exitCode == Int32(rejected), "\(outcome.error)")
          #expect(outcome.output.contains(#""rejected":\#(rejected),"#), "\(outcome.output)")
          #expect(outcome.error.contains("dated before") == (rejected == 1), "\(outcome.error)")
        }
      }
      #expect(try await database.eventCount == 3)
    }
  }

  @Test("leaves events for another database")
  func foreign() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { directory in
        do { track(2, with: try client(in: directory, url: "postgres://elsewhere:1/other")) }
        #expect(try await drain(directory, database.url).exitCode == 0)
        #expect(try await database.eventCount == 0)
        let left = try await Listing(in: directory).pending
        #expect(left.map(\.events) == [2])
        #expect(left.count == 1 && left[0].destination.hasPrefix("elsewhere:1/other user="))
      }
    }
  }

  @Test("stores the events of two tenants of one database each in the tenant's own schema")
  func tenants() async throws {
    try await ImportDatabase.with { database in
      let tenant = database.url(adding: "options=-csearch_path%3Dtenant")
      try await database.execute("CREATE SCHEMA tenant")
      let migrated = try await analytics("migrate", environment: ["DATABASE_URL": tenant])
      try #require(migrated.exitCode == 0, "\(migrated.error)")
      try await withSpool { directory in
        do { track(3, with: try client(in: directory, url: tenant)) }
        do { track(2, with: try client(in: directory, url: database.url)) }
        #expect(try await drain(directory, database.url).output.contains(#""stored":2"#))
        #expect(try await database.eventCount == 2)
        let waiting = try await Listing(in: directory).pending
        #expect(waiting.map(\.events) == [3])
        #expect(waiting[0].destination.contains("search_path=tenant"))
        #expect(waiting[0].installation == nil && waiting[0].reason.contains("the same user"))
        #expect(try await drain(directory, tenant).output.contains(#""stored":3"#))
        #expect(try await database.number("SELECT count(*) FROM tenant.analytics_events") == 3)
        #expect(try await database.eventCount == 2)
      }
    }
  }

  @Test("finds events of a process that had reached its database, even if the user has changed")
  func changedUser() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { directory in
        do {
          let sink = try PostgresEventSink(url: database.url)
          let client = try client(in: directory, sink: sink)
          let worker = Task { try await AnalyticsWorker(client).run() }
          track(1, with: client)
          try await until { client.accounting.stored == 1 }
          worker.cancel()
          _ = await worker.result
          track(4, with: client)
        }
        let waiting = try await Listing(in: directory).pending
        let id = try await database.text("SELECT id::text FROM analytics_instance")
        #expect(waiting.map(\.installation) == [id] && waiting.map(\.events) == [4])
        let role = "spool_\(UUID().uuidString.prefix(8).lowercased())"
        try await database.execute("CREATE ROLE \(role) SUPERUSER LOGIN")
        let drained = try await drain(directory, database.url(adding: "user=\(role)"))
        #expect(drained.output.contains(#""stored":4"#), "\(drained.error)")
        try await database.execute("DROP ROLE \(role)")
      }
    }
  }

  @Test("drains hundreds of directories with few descriptors")
  func fewDescriptors() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { directory in
        for _ in 0..<200 { track(2, with: try client(in: directory, url: database.url)) }
        let command = "ulimit -n 64 && exec \"$1\" spool drain --json --directory \"$2\""
        let process = try ChildProcess(
          "/bin/sh", ["-c", command, "sh", product("analytics").path, directory],
          environment: ProcessInfo.processInfo.environment.merging(
            ["DATABASE_URL": database.url]) { $1 },
          output: .null, error: .null)
        #expect(await process.ended() == .exited(0))
        #expect(try await database.eventCount == 400)
        #expect(try await Listing(in: directory).pending.isEmpty)
      }
    }
  }

  @Test("names unreadable files with the reason, and lists the other files")
  func unreadable() async throws {
    try await withSpool { directory in
      do { track(2, with: try client(in: directory, url: "postgres://elsewhere:1/other")) }
      let producer = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory).first)
      let path = directory + "/" + producer + "/99999999.segment"
      try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
      let outcome = try await analytics("spool", "--directory", directory)
      #expect(outcome.exitCode == 1)
      #expect(outcome.output.hasPrefix("2 events ("))
      #expect(outcome.output.hasSuffix("\(path) is not a segment\n"))
    }
  }

  @Test("reports that no event waits, also without a directory")
  func nothing() async throws {
    let outcome = try await analytics("spool", "--directory", "/nowhere/spool")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == "nothing waits\n")
  }

  private func withSpool(_ body: (String) async throws -> Void) async throws {
    try await withFile([]) { file in try await body(file + ".spool") }
  }

  private func client(in directory: String, url: String) throws -> AnalyticsClient {
    try client(in: directory, sink: PostgresEventSink(url: url))
  }

  private func client(in directory: String, sink: PostgresEventSink) throws -> AnalyticsClient {
    var configuration = AnalyticsConfiguration(
      service: "jobs", buffer: .durable(directory: directory))
    configuration.segmentBytes = 64 << 10
    return try AnalyticsClient(configuration, sink: sink)
  }

  private func track(_ count: Int, with client: AnalyticsClient) {
    for number in 1...count {
      let second = EventTimestamp(rfc3339: "2026-11-01T00:00:0\(number)Z")
      if let second { client.track(.custom(DynamicEvent(type: "left")), at: second) }
    }
  }

  private func drain(_ directory: String, _ url: String) async throws -> CommandRun.Outcome {
    try await analytics(
      "spool", "drain", "--json", "--directory", directory, environment: ["DATABASE_URL": url])
  }
}

/// The output of `spool --json`.
private struct Listing: Decodable {
  struct Pending: Decodable {
    var isAlive: Bool
    var destination: String
    var installation: String?
    var service: String
    var since: String
    var events: Int
    var bytes: Int
    var reason: String
  }

  var pending: [Pending]

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  init(in directory: String) async throws {
    let outcome = try await analytics("spool", "list", "--json", "--directory", directory)
    self = try Self.decoder.decode(Self.self, from: Data(outcome.output.utf8))
  }
}
