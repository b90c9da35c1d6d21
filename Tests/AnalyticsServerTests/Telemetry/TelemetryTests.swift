import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer
@testable import AnalyticsTelemetry

/// A deployment sends telemetry to a collector. Each has a database of its own.
@Suite("Telemetry", .timeLimit(.minutes(60)))
struct TelemetryTests {
  /// - Parameter body: Receives the deployment, the collector, the proxy between them, and its URL.
  private func withCollector(
    _ body:
      @escaping @Sendable (ServerFixture, ServerFixture, FaultyCollector, String) async throws
      -> Void
  ) async throws {
    try await ServerFixture.with { deployment in
      try await ServerFixture.with { collector in
        try await collector.serve {
          $0.collectsTelemetry = true
        } _: { client in
          try await FaultyCollector.with(before: client) { faulty, url in
            try await body(deployment, collector, faulty, url)
          }
        }
      }
    }
  }

  @Test(
    "each period arrives once, with its sums and its distinct values over all replicas",
    arguments: [
      [], Array(repeating: FaultyCollector.Reaction.cut, count: 3),
      [.status(500), .status(503), .status(200), .status(404)], [.hang, .hangAfterHead],
      [.storeAndCut, .storeAndCut, .pass, .storeAndCut],
    ])
  func arrives(_ plan: [FaultyCollector.Reaction]) async throws {
    try await withCollector { deployment, collector, faulty, url in
      var random = SeededGenerator.printingSeed()
      faulty.plan(plan)
      // Telemetry is turned on while a period is open. That period is not reported.
      try? await deployment.telemetry(url).once()
      try await deployment.periods(1)
      let sinks = try (0..<2).map { _ in
        try PostgresUsageSink(AnalyticsDatabase(url: deployment.url))
      }
      let replicas = sinks.map { UsageTracker(sink: $0) }
      let workspaces = (0..<20).map { _ in random.uuid() }
      var expected: [(allowed: Int, workspaces: Set<UUID>)] = []
      try await deployment.periods(6, of: replicas) { period in
        var sum = (allowed: 0, workspaces: Set<UUID>())
        // Nothing happens in the third period.
        for replica in replicas where period != 3 {
          for _ in 0..<random.number(1...9) {
            let workspace = random.pick(workspaces)
            let allowed = random.number(1...9)
            replica.track(workspaceID: workspace, ownerID: workspace, allowed: allowed)
            sum.allowed += allowed
            sum.workspaces.insert(workspace)
          }
        }
        expected.append(sum)
      }
      try await deployment.deliver([deployment.telemetry(url)], periods: 6)
      let received = try await collector.received()
      #expect(received.count == 6)
      #expect(received.map { $0.figure("allowed_requests") ?? 0 } == expected.map(\.allowed))
      #expect(received.map { $0.figure("workspaces") ?? 0 } == expected.map(\.workspaces.count))
      let status = try await deployment.status()
      #expect(status.delivered == 6 && status.givenUp == 0)
    }
  }

  @Test("ten replicas send each period once")
  func replicas() async throws {
    try await withCollector { deployment, collector, faulty, url in
      try await deployment.telemetry(url).once()
      try await deployment.periods(9)
      let services = try (0..<10).map { _ in
        try deployment.telemetry(url, timeout: .seconds(300))
      }
      try await deployment.deliver(services, periods: 8)
      #expect(try await collector.received().count == 8)
      #expect(faulty.requests == 8)
    }
  }

  @Test("after an outage the periods of the outage are sent with their true starts and ends")
  func late() async throws {
    try await withCollector { deployment, collector, _, url in
      try await deployment.telemetry(url).once()
      try await deployment.periods(4)
      try await deployment.deliver([deployment.telemetry(url)], periods: 3)
      let told = try await collector.received().compactMap { $0.snapshot?.period.range }
      let closed = try await deployment.connection.query(
        """
        SELECT started_at, ended_at FROM analytics_usage_periods
        WHERE ended_at IS NOT NULL ORDER BY id OFFSET 1
        """
      ).map { row in try row.decode(Date.self, at: 0)..<row.decode(Date.self, at: 1) }
      #expect(told.count == closed.count)
      for (told, closed) in zip(told, closed) {
        #expect(abs(told.lowerBound.timeIntervalSince(closed.lowerBound)) < 0.001)
        #expect(abs(told.upperBound.timeIntervalSince(closed.upperBound)) < 0.001)
      }
    }
  }

  @Test("a document that no collector accepts is given up after a time, and this is reported")
  func givenUp() async throws {
    try await withCollector { deployment, collector, faulty, url in
      try await deployment.telemetry(url).once()
      try await deployment.periods(3)
      faulty.plan(Array(repeating: .status(500), count: 100_000))
      try await deployment.deliver(
        [deployment.telemetry(url, giveUpAfter: .milliseconds(300))], periods: 2)
      let status = try await deployment.status()
      #expect(status.givenUp == 2 && status.delivered == 0)
      // A period that was given up is not reported again.
      faulty.plan([])
      try await deployment.telemetry(url).once()
      #expect(try await collector.received().isEmpty)
    }
  }

  @Test(
    "turned off, it sends a last notice and deletes the rest; on again, it sends only new periods"
  )
  func turnedOff() async throws {
    try await withCollector { deployment, collector, faulty, url in
      try await deployment.telemetry(url).once()
      try await deployment.periods(3)
      faulty.plan([.status(500)])
      await #expect(throws: StoreError.self) { try await deployment.telemetry(url).once() }
      #expect(try await deployment.status().waiting.map(\.attempts) == [1, 0])

      try await deployment.telemetry(nil).once()
      #expect(faulty.requests == 2)
      let off = try await deployment.status()
      #expect(off.collector == nil && off.waiting.isEmpty && off.delivered == 1)
      let notice: String = try await deployment.connection.query(
        "SELECT document FROM analytics_telemetry_outbox"
      ).only().decode(at: 0)
      let members = try #require(
        JSONSerialization.jsonObject(with: Data(notice.utf8)) as? [String: Any])
      #expect(Set(members.keys) == ["format", "deployment", "public_key", "notice"])
      #expect(members["notice"] as? String == "telemetry is turned off")
      // A collector of any version accepts the notice.
      #expect(members["format"] as? Int == 1)
      #expect(try await collector.turnedOff() == [true])

      // Telemetry stays off.
      try await deployment.periods(2)
      try await deployment.telemetry(nil).once()
      #expect(faulty.requests == 2)
      // Periods before telemetry is turned on are not reported, nor is the period that is open then.
      try await deployment.telemetry(url).once()
      try await deployment.periods(3)
      try await deployment.deliver([deployment.telemetry(url)], periods: 3)
      #expect(try await collector.received().count == 2)
      #expect(try await collector.turnedOff() == [false])
    }
  }

  @Test("a document has exactly these members, and no personal data")
  func members() async throws {
    try await ServerFixture.with { deployment in
      let sink = try PostgresUsageSink(AnalyticsDatabase(url: deployment.url))
      let usage = UsageTracker(sink: sink)
      let person = UUID()
      usage.track(workspaceID: UUID(), ownerID: person, allowed: 1, denied: 1)
      try await usage.flush()
      try await deployment.store(SomeEvents.all())
      let text = try await Telemetry.newestDocument(of: AnalyticsDatabase(url: deployment.url))
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(Set(object.keys) == ["format", "deployment", "public_key", "snapshot"])
      let snapshot = try #require(object["snapshot"] as? [String: Any])
      #expect(Set(snapshot.keys) == ["period", "usage", "statistics", "software"])
      let period = try #require(snapshot["period"] as? [String: Any])
      #expect(Set(period.keys) == ["id", "started_at", "ended_at"])
      let usages = try #require(snapshot["usage"] as? [[String: Any]])
      #expect(usages.allSatisfy { Set($0.keys) == ["kind", "measure", "name", "value"] })
      #expect(
        usages.compactMap { $0["measure"] as? String } == ["sum", "sum", "members", "members"])
      #expect(
        usages.compactMap { $0["name"] as? String }
          == ["allowed_requests", "denied_requests", "users", "workspaces"])
      let statistics = try #require(snapshot["statistics"] as? [String: Any])
      #expect(statistics.values.allSatisfy { $0 is Int })
      #expect(
        Set(statistics.keys) == [
          "users", "environments", "active_users_7", "active_users_30", "active_users_60",
          "active_users_90", "production_changes_30", "production_changes_60",
          "production_changes_90", "client_apps_allTime", "client_apps_30d", "client_apps_7d",
        ])
      let software = try #require(snapshot["software"] as? [String: Any])
      #expect(Set(software.keys).isSubset(of: ["migration", "postgresql", "timescaledb"]))
      #expect(!text.lowercased().contains(person.uuidString.lowercased()))
    }
  }

  @Test("`show` prints exactly the bytes that are sent")
  func shown() async throws {
    try await withCollector { deployment, _, _, url in
      try await deployment.telemetry(url).once()
      try await deployment.periods(2)
      let shown = try await Telemetry.newestDocument(of: AnalyticsDatabase(url: deployment.url))
      try await deployment.telemetry(url).once()
      let sent: String = try await deployment.connection.query(
        "SELECT document FROM analytics_telemetry_outbox"
      ).only().decode(at: 0)
      #expect(shown == sent)
    }
  }

  @Test("a login with both roles suffices; with only one of them, the missing one is named")
  func roles() async throws {
    try await withCollector { deployment, collector, _, url in
      let name = "telemetry_" + UUID().uuidString.prefix(8).lowercased()
      let roles = AnalyticsRoles(writer: name + "_writer", reader: name + "_reader")
      let configuration = try PostgresConfiguration(url: deployment.url)
      try await Migrator(AnalyticsDatabase(configuration), logger: silentLogger).grant(roles)
      try await deployment.connection.execute("CREATE ROLE \(name)")
      let own = deployment.url(as: name)
      for role in [roles.writer, roles.reader] {
        let error = await #expect(throws: StoreError.self) {
          try await deployment.telemetry(url, url: own).once()
          try await deployment.periods(2)
          try await deployment.telemetry(url, url: own).once()
        }
        #expect(error?.code == .notGranted, "\(error as Any)")
        let advice = "run `analytics migrate roles`, and grant the user analytics_reader"
        #expect(error?.description.contains(advice) == true, "\(error as Any)")
        try await deployment.connection.execute("GRANT \(role) TO \(name)")
      }
      try await deployment.telemetry(url, url: own).once()
      try await deployment.periods(2)
      try await deployment.deliver([deployment.telemetry(url, url: own)], periods: 1)
      #expect(try await !collector.received().isEmpty)
      try await deployment.connection.execute(
        "DROP OWNED BY \(roles.writer), \(roles.reader); "
          + "DROP ROLE \(name), \(roles.writer), \(roles.reader)")
    }
  }

  @Test(
    "documents are sent over HTTPS, to a server with a verified certificate",
    .enabled(if: Certificate.canBeMade, "openssl is not installed: run `apt-get install openssl`"))
  func https() async throws {
    try await Certificate.with { files in
      try await ServerFixture.with { deployment in
        try await ServerFixture.with { collector in
          try await collector.serve(.live) {
            $0.tls = files
            $0.collectsTelemetry = true
          } _: { client in
            let url = "https://localhost:\(try #require(client.client.port))/telemetry"
            try await deployment.telemetry(url).once()
            try await deployment.periods(2)
            // The system does not know the authority of the certificate.
            await #expect(throws: StoreError.self) {
              try await deployment.telemetry(url).once()
            }
            #expect(try await collector.received().isEmpty)
            try await deployment.deliver(
              [deployment.telemetry(url, trustRoots: files.certificate)], periods: 1)
            #expect(try await collector.received().count == 1)
          }
        }
      }
    }
  }

  @Test(
    "invalid addresses of a collector are refused in one line",
    arguments: [
      "", "telemetry.example.org", "http://telemetry.example.org", "ftp://localhost/",
      "https://user:secret@example.org/", "https://",
    ])
  func addresses(_ url: String) async throws {
    let error = #expect(throws: StoreError.self) {
      try TelemetryService(AnalyticsDatabase(url: "postgres://localhost/none"), collector: url)
    }
    #expect(error?.description.contains("collector") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("options outside their ranges are refused, each in one line")
  func ranges() throws {
    typealias Option = WritableKeyPath<TelemetryService.Options, Duration>
    let database = try AnalyticsDatabase(url: "postgres://localhost/none")
    func make(_ option: Option, _ value: Duration) throws {
      var options = TelemetryService.Options()
      options[keyPath: option] = value
      _ = try TelemetryService(database, collector: nil, options: options)
    }
    let century = Duration.seconds(36_500 * 86_400)
    let cases: [(name: String, option: Option, shortest: Duration, longest: Duration)] = [
      ("interval", \.interval, .milliseconds(1), century),
      ("giveUpAfter", \.giveUpAfter, .milliseconds(1), century),
      ("timeout", \.timeout, .milliseconds(1), .seconds(3600)),
    ]
    let little = Duration.nanoseconds(1)
    for (name, option, shortest, longest) in cases {
      for value in [shortest, longest] {
        #expect(throws: Never.self, "\(name)") { try make(option, value) }
      }
      let wrong: [Duration] = [
        .zero, .seconds(-1), shortest - little, longest + little, .seconds(Int64.max),
      ]
      for value in wrong {
        let error = #expect(throws: StoreError.self, "\(name)") { try make(option, value) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("telemetry: \(name) is \(value);") == true)
        #expect(error?.description.contains("\n") == false)
      }
    }
  }
}

extension ServerFixture {
  /// Whether each deployment has turned telemetry off.
  fileprivate func turnedOff() async throws -> [Bool] {
    try await connection.query(
      "SELECT turned_off_at IS NOT NULL FROM analytics_telemetry_deployments"
    ).map { try $0.decode(at: 0) }
  }

  fileprivate func url(as user: String) -> String {
    url + (url.contains("?") ? "&" : "?") + "options=-c%20role%3D\(user)"
  }
}
