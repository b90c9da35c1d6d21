import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import LocalPostgres
import Testing

@testable import AnalyticsServer
@testable import AnalyticsTelemetry

@Suite("Collecting telemetry", .timeLimit(.minutes(60)))
struct CollectorTests {
  /// A deployment that sends what a test requires.
  private struct Deployment: Sendable {
    let id = UUID().uuidString.lowercased()
    let key: TelemetryKey

    init(secret: UInt8 = 1) throws {
      key = try TelemetryKey(secret: Array(repeating: secret, count: 32))
    }

    func document(
      period: Int = 1, allowed: Int = 7, users: Int? = nil, others: Int? = nil,
      format: Int = TelemetryDocument.currentFormat
    ) -> TelemetryDocument {
      let end = Date(timeIntervalSince1970: 1_780_000_000 + Double(period) * 1800)
      var usage: [TelemetrySnapshot.Figure] = [
        .init(kind: "boundary", measure: .sum, name: "allowed_requests", value: allowed)
      ]
      if let users {
        usage.append(.init(kind: "boundary", measure: .members, name: "users", value: users))
      }
      if let others {
        usage.append(.init(kind: "doors", measure: .members, name: "opened", value: others))
      }
      if format == 1 { for index in usage.indices { usage[index].measure = nil } }
      return TelemetryDocument(
        format: format, deployment: id, publicKey: key.publicKey,
        snapshot: TelemetrySnapshot(
          period: .init(id: period, startedAt: end.addingTimeInterval(-1800), endedAt: end),
          usage: usage,
          statistics: ["users": 3],
          software: .init(migration: 11, postgresql: "15.18", timescaledb: nil)))
    }

    func send(_ bytes: [UInt8], to client: ServerClient) async throws -> TestResponse {
      let header = try #require(HTTPField.Name(TelemetrySignature.header))
      return try await client.send(
        .post, "/telemetry", [header: try key.signature(of: bytes).text],
        body: String(decoding: bytes, as: UTF8.self))
    }

    func send(
      _ document: TelemetryDocument, to client: ServerClient
    ) async throws -> TestResponse {
      try await send(document.bytes, to: client)
    }
  }

  /// Sends a valid document.
  static func anyDocument(to client: ServerClient) async throws -> TestResponse {
    let deployment = try Deployment()
    return try await deployment.send(deployment.document(), to: client)
  }

  private func withCollector(
    _ body: @escaping @Sendable (ServerFixture, ServerClient) async throws -> Void
  ) async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve {
        $0.collectsTelemetry = true
      } _: { client in
        try await body(fixture, client)
      }
    }
  }

  @Test("a repeated document is acknowledged; a different document of the same period is refused")
  func idempotent() async throws {
    try await withCollector { fixture, client in
      let deployment = try Deployment()
      for expected in ["stored", "known", "known"] {
        let answer = try await deployment.send(deployment.document(), to: client)
        #expect(answer.status == .accepted)
        #expect(answer.object["status"] as? String == expected)
      }
      #expect(
        try await deployment.send(deployment.document(allowed: 8), to: client).status == .conflict)
      #expect(try await fixture.received().map { $0.figure("allowed_requests") } == [7])
    }
  }

  @Test("a repeated document is acknowledged only once a synchronous standby has it")
  func standby() async throws {
    let server = try await LocalPostgres.startTemporary(
      settings: SharedTestServer.settings.merging(["synchronous_standby_names": "nobody"]) { $1 })
    do {
      try await ServerFixture.with(url: server.url(database: "postgres")) { fixture in
        try await fixture.serve {
          $0.collectsTelemetry = true
          // The server waits this long for the standby, which does not exist.
          $0.limits.lookupTimeout = .seconds(5)
        } _: { client in
          let deployment = try Deployment()
          for _ in 0..<2 {
            let answer = try await deployment.send(deployment.document(), to: client)
            #expect(answer.status == .serviceUnavailable)
          }
        }
      }
    } catch {
      try? await server.stop(.immediate)
      throw error
    }
    try await server.stop(.immediate)
  }

  @Test("the first key of a deployment is the only one accepted for it")
  func keys() async throws {
    try await withCollector { fixture, client in
      let deployment = try Deployment()
      _ = try await deployment.send(deployment.document(), to: client)
      let other = try Deployment(secret: 2)
      var forged = deployment.document(period: 2)
      // The document is signed with the key that it names, but an earlier document had another key.
      forged.publicKey = other.key.publicKey
      #expect(try await other.send(forged, to: client).status == .forbidden)
      // The document is signed with another key than the one that it names.
      #expect(
        try await other.send(deployment.document(period: 2), to: client).status == .forbidden)
      // The document is not signed.
      let bare = String(decoding: deployment.document(period: 2).bytes, as: UTF8.self)
      #expect(try await client.send(.post, "/telemetry", body: bare).status == .forbidden)
      #expect(try await fixture.received().count == 1)
    }
  }

  @Test("invalid documents are refused with the reason")
  func strict() async throws {
    try await withCollector { fixture, client in
      let deployment = try Deployment()
      let good = String(decoding: deployment.document().bytes, as: UTF8.self)
      func twice(
        _ first: TelemetrySnapshot.Measure, _ second: TelemetrySnapshot.Measure
      ) -> String {
        var document = deployment.document()
        document.snapshot?.usage = [first, second].map {
          .init(kind: "search", measure: $0, name: "users", value: 1)
        }
        return String(decoding: document.bytes, as: UTF8.self)
      }
      var wrong: [(String, saying: String)] = [
        ("", "cannot be read"), ("[]", "type"), ("{}", "missing"),
        (good + " ", "canonical"),
        (good.replacing("\"format\":2", with: "\"format\":3"), "format 3"),
        (good.replacing("\"format\":2", with: "\"format\":1"), "measure"),
        (good.replacing("\"measure\":\"sum\",", with: ""), "measure"),
        (good.replacing("\"measure\":\"sum\"", with: "\"measure\":\"mean\""), "cannot be read"),
        ("{\"email\":\"a@b.c\"," + good.dropFirst(), "unknown members"),
        (good.replacing("\"users\":3", with: "\"users\":-3"), "below 0"),
        (good.replacing("\"users\":3", with: "\"users\":3.5"), "cannot be read"),
        (good.replacing("\"id\":1", with: "\"id\":0"), "period"),
        (good.replacing(deployment.id, with: deployment.id.uppercased()), "UUID"),
        (good.replacing("2026-", with: "2926-"), "ahead"),
        (twice(.sum, .sum), "order"), (twice(.sum, .members), "order"),
        (good.replacing("boundary", with: "boun\\ndary"), "name"),
      ]
      // A counter and a set may have the same name. Each may occur once, in this order.
      let shared = try await deployment.send(
        Array(twice(.members, .sum).utf8), to: client)
      #expect(shared.status == .accepted, "\(shared.text)")
      try await fixture.connection.execute("DELETE FROM analytics_telemetry_snapshots")
      var both = deployment.document()
      both.notice = TelemetryDocument.turnedOff
      wrong.append((String(decoding: both.bytes, as: UTF8.self), "either"))
      for (text, words) in wrong {
        let answer = try await deployment.send(Array(text.utf8), to: client)
        #expect(answer.status == .badRequest, "\(text)")
        let detail = answer.object["detail"] as? String ?? ""
        #expect(detail.contains(words), "\(text): \(detail)")
      }
      let long = good.replacing(
        "boundary", with: String(repeating: "a", count: TelemetryDocument.bytesMax))
      #expect(
        try await deployment.send(Array(long.utf8), to: client).status == .contentTooLarge)
      #expect(try await fixture.received().isEmpty)
    }
  }

  @Test("a deployment that sends too often must wait")
  func rate() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve {
        $0.collectsTelemetry = true
        $0.limits.requestsPerSecond = 1
        $0.limits.burst = 2
      } _: { client in
        let deployment = try Deployment()
        var statuses: [HTTPResponse.Status] = []
        for period in 1...3 {
          statuses.append(
            try await deployment.send(deployment.document(period: period), to: client).status)
        }
        #expect(statuses == [.accepted, .accepted, .tooManyRequests])
      }
    }
  }

  @Test("a server that does not collect telemetry has no such route")
  func off() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let deployment = try Deployment()
        #expect(
          try await deployment.send(deployment.document(), to: client).status == .notFound)
        #expect(try await client.get("/dashboard/deployments").status == .notFound)
      }
    }
  }

  @Test("the page and the reports show deployments, their versions and their figures")
  func page() async throws {
    try await withCollector { _, client in
      let empty = try await client.get("/dashboard/deployments")
      #expect(empty.status == .ok)
      for (secret, allowed) in [(UInt8(1), 7), (2, 30)] {
        let deployment = try Deployment(secret: secret)
        for period in 1...2 {
          _ = try await deployment.send(
            deployment.document(period: period, allowed: allowed), to: client)
        }
      }
      let range = "from=2026-05-01&to=2026-06-30&by=total"
      func rows(_ report: String) async throws -> [[String: Any]] {
        let answer = try await client.get("/api/v1/reports/\(report)")
        #expect(answer.status == .ok, "\(answer.text)")
        return answer.object["rows"] as? [[String: Any]] ?? []
      }
      let usage = try await rows("deployment-usage?\(range)")
      #expect(usage.map { $0["figure"] as? String } == ["boundary.allowed_requests"])
      #expect(usage.map { $0["value"] as? Int } == [74])
      #expect(usage.map { $0["measure"] as? String } == ["sum"])
      #expect(usage.map { $0["deployments"] as? Int } == [2])
      let versions = try await rows("deployment-versions?\(range)")
      #expect(versions.map { $0["version"] as? String } == ["migration 11, PostgreSQL 15.18"])
      #expect(versions.map { $0["deployments"] as? Int } == [2])
      let deployments = try await rows("deployments")
      #expect(deployments.map { $0["periods"] as? Int } == [2, 2])
      let html = try await client.get("/dashboard/deployments?from=2026-05-01&to=2026-06-30").text
      #expect(html.contains("boundary.allowed_requests") && html.contains("PostgreSQL 15.18"))
    }
  }

  @Test("distinct values of several periods are never added up, in any format of documents")
  func distinct() async throws {
    try await withCollector { _, client in
      for (secret, format) in [(UInt8(1), 1), (2, 2)] {
        let deployment = try Deployment(secret: secret)
        // One user and one other member, the same in nine periods. One of the periods has a second of each.
        for period in 1...9 {
          let count = period == 4 ? 2 : 1
          let document = deployment.document(
            period: period, users: count, others: count, format: format)
          #expect(try await deployment.send(document, to: client).status == .accepted)
        }
      }
      func rows(_ query: String) async throws -> [String] {
        let answer = try await client.get("/api/v1/reports/deployment-usage?\(query)")
        return (answer.object["rows"] as? [[String: Any]] ?? []).map { row in
          "\(row["figure"] ?? "") \(row["measure"] ?? "") \(row["value"] ?? "")"
        }
      }
      let all = try await rows("from=2026-05-01&to=2026-06-30&by=total")
      #expect(
        all == [
          "boundary.allowed_requests sum 126", "boundary.users members 4", "doors.opened members 2",
          "doors.opened unknown <null>",
        ])
      // Within one period each figure is as it was sent.
      let first = "from=2026-05-28T20:00:00Z&to=2026-05-28T21:00:00Z&by=total"
      #expect(
        try await rows(first) == [
          "boundary.allowed_requests sum 14", "boundary.users members 2", "doors.opened members 1",
          "doors.opened unknown 1",
        ])
    }
  }
}
