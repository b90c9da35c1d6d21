import Analytics
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Looking into a spool", .timeLimit(.minutes(60)))
struct SpoolTests {
  @Test("lists what the living and the dead have, and drains what the dead left, once")
  func listAndDrain() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { folder in
        let living = try client(in: folder, url: database.url)
        track(1, with: living)
        do { track(3, with: try client(in: folder, url: database.url)) }
        let before = try await Listing(in: folder)
        #expect(before.pending.count == 2)
        let alive = try #require(before.pending.first { $0.isAlive })
        let dead = try #require(before.pending.first { !$0.isAlive })
        #expect(alive.events == 1 && dead.events == 3)
        #expect(dead.service == "jobs" && dead.bytes > 0)
        #expect(dead.since == "2026-11-01T00:00:01.000000Z")
        #expect(try dead.destination == PostgresEventSink(url: database.url).destination)
        #expect(dead.reason.contains("process ended") && alive.reason.contains("its process lives"))

        let drained = try await drain(folder, database.url)
        #expect(drained.exitCode == 0, "\(drained.error)")
        #expect(
          drained.output
            == #"{"duplicates":0,"lost":0,"pending":0,"recovered":3,"rejected":0,"stored":3}"#
            + "\n")
        #expect(try await database.eventCount == 3)
        #expect(try await Listing(in: folder).pending.map(\.events) == [1])
        #expect(try await drain(folder, database.url).output.contains(#""recovered":0"#))
        #expect(living.accounting.pending == 1)
      }
    }
  }

  @Test("takes of what the dead left only what is late enough, or all with --accepts-from")
  func past() async throws {
    try await ImportDatabase.with { database in
      for (options, rejected) in [([], 1), (["--accepts-from", "1900-01-01"], 0)] {
        try await withSpool { folder in
          do {
            let dead = try client(in: folder, url: database.url)
            track(1, with: dead)
            dead.track(
              .taskStarted(taskID: UUID(), userID: UUID()),
              at: EventTimestamp(microsecondsSinceUnixEpoch: 0))
          }
          let outcome = try await CommandRun(
            ["spool", "drain", "--folder", folder, "--json"] + options,
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

  @Test("leaves what is for another database")
  func foreign() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { folder in
        do { track(2, with: try client(in: folder, url: "postgres://elsewhere:1/other")) }
        #expect(try await drain(folder, database.url).exitCode == 0)
        #expect(try await database.eventCount == 0)
        let left = try await Listing(in: folder).pending
        #expect(left.map(\.events) == [2])
        #expect(left.count == 1 && left[0].destination.hasPrefix("elsewhere:1/other user="))
      }
    }
  }

  @Test("gives each of two tenants of one database its own events, whoever drains first")
  func tenants() async throws {
    try await ImportDatabase.with { database in
      let tenant = database.url(adding: "options=-csearch_path%3Dtenant")
      try await database.execute("CREATE SCHEMA tenant")
      let migrated = try await analytics("migrate", environment: ["DATABASE_URL": tenant])
      try #require(migrated.exitCode == 0, "\(migrated.error)")
      try await withSpool { folder in
        do { track(3, with: try client(in: folder, url: tenant)) }
        do { track(2, with: try client(in: folder, url: database.url)) }
        #expect(try await drain(folder, database.url).output.contains(#""stored":2"#))
        #expect(try await database.eventCount == 2)
        let waiting = try await Listing(in: folder).pending
        #expect(waiting.map(\.events) == [3])
        #expect(waiting[0].destination.contains("search_path=tenant"))
        #expect(waiting[0].installation == nil && waiting[0].reason.contains("the same user"))
        #expect(try await drain(folder, tenant).output.contains(#""stored":3"#))
        #expect(try await database.number("SELECT count(*) FROM tenant.analytics_events") == 3)
        #expect(try await database.eventCount == 2)
      }
    }
  }

  @Test("finds what a process left that had reached its database, though the user has changed")
  func changedUser() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { folder in
        do {
          let sink = try PostgresEventSink(url: database.url)
          let client = try client(in: folder, sink: sink)
          let worker = Task { try await AnalyticsWorker(client).run() }
          track(1, with: client)
          try await until { client.accounting.stored == 1 }
          worker.cancel()
          _ = await worker.result
          track(4, with: client)
        }
        let waiting = try await Listing(in: folder).pending
        let id = try await database.text("SELECT id::text FROM analytics_instance")
        #expect(waiting.map(\.installation) == [id] && waiting.map(\.events) == [4])
        let role = "spool_\(UUID().uuidString.prefix(8).lowercased())"
        try await database.execute("CREATE ROLE \(role) SUPERUSER LOGIN")
        let drained = try await drain(folder, database.url(adding: "user=\(role)"))
        #expect(drained.output.contains(#""stored":4"#), "\(drained.error)")
        try await database.execute("DROP ROLE \(role)")
      }
    }
  }

  @Test("drains hundreds of folders with few descriptors")
  func fewDescriptors() async throws {
    try await ImportDatabase.with { database in
      try await withSpool { folder in
        for _ in 0..<200 { track(2, with: try client(in: folder, url: database.url)) }
        let command = "ulimit -n 64 && exec \"$1\" spool drain --json --folder \"$2\""
        let process = try ChildProcess(
          "/bin/sh", ["-c", command, "sh", product("analytics").path, folder],
          environment: ProcessInfo.processInfo.environment.merging(
            ["DATABASE_URL": database.url]) { $1 },
          output: .null, error: .null)
        #expect(await process.ended() == .exited(0))
        #expect(try await database.eventCount == 400)
        #expect(try await Listing(in: folder).pending.isEmpty)
      }
    }
  }

  @Test("names what cannot be read, with the reason, and its neighbours all the same")
  func unreadable() async throws {
    try await withSpool { folder in
      do { track(2, with: try client(in: folder, url: "postgres://elsewhere:1/other")) }
      let producer = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder).first)
      let path = folder + "/" + producer + "/99999999.segment"
      try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
      let outcome = try await analytics("spool", "--folder", folder)
      #expect(outcome.exitCode == 1)
      #expect(outcome.output.hasPrefix("2 events ("))
      #expect(outcome.output.hasSuffix("\(path) is not a segment\n"))
    }
  }

  @Test("says so where nothing waits, also where there is no folder")
  func nothing() async throws {
    let outcome = try await analytics("spool", "--folder", "/nowhere/spool")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == "nothing waits\n")
  }

  private func withSpool(_ body: (String) async throws -> Void) async throws {
    try await withFile([]) { file in try await body(file + ".spool") }
  }

  private func client(in folder: String, url: String) throws -> AnalyticsClient {
    try client(in: folder, sink: PostgresEventSink(url: url))
  }

  private func client(in folder: String, sink: PostgresEventSink) throws -> AnalyticsClient {
    var configuration = AnalyticsConfiguration(service: "jobs", buffer: .durable(folder: folder))
    configuration.segmentBytes = 64 << 10
    return try AnalyticsClient(configuration, sink: sink)
  }

  private func track(_ count: Int, with client: AnalyticsClient) {
    for number in 1...count {
      let second = EventTimestamp(rfc3339: "2026-11-01T00:00:0\(number)Z")
      if let second { client.track(.custom(DynamicEvent(type: "left")), at: second) }
    }
  }

  private func drain(_ folder: String, _ url: String) async throws -> CommandRun.Outcome {
    try await analytics(
      "spool", "drain", "--json", "--folder", folder, environment: ["DATABASE_URL": url])
  }
}

/// What `spool --json` prints.
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

  init(in folder: String) async throws {
    let outcome = try await analytics("spool", "list", "--json", "--folder", folder)
    self = try Self.decoder.decode(Self.self, from: Data(outcome.output.utf8))
  }
}
