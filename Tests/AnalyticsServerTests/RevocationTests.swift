import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Answers that go on while a key is revoked", .timeLimit(.minutes(60)))
struct RevocationTests {
  /// So much later a stream asks again; a key that was found valid just before it ends has one round and
  /// one question left of the time that is promised.
  private static let later = Gatekeeper.renewal + .seconds(1)

  /// Runs `change` while somebody watches, and waits for the end of the stream.
  ///
  /// - Parameter showing: The header that lets the watcher in.
  private func watch(
    _ fixture: ServerFixture, access: ReportServerConfiguration.Access = .keys,
    showing header: @escaping @Sendable (ServerClient) async throws -> String,
    until change: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await fixture.serve(.live) {
      $0.access = access
    } _: { client in
      let raw = try await RawClient.connect(port: try #require(client.client.port))
      try await raw.send(
        "GET /dashboard/live/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
          + "\(try await header(client))\r\n\r\n")
      try await raw.said("\n:\n")
      try await change()
      let text = try await raw.ended()
      #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("0\r\n\r\n"), "\(text)")
    }
  }

  private static func cookie(_ key: AccessKey, _ client: ServerClient) async throws -> String {
    let answer = try await client.send(.post, "/sign-in", body: "key=\(key.text)")
    return "Cookie: " + (answer.headers[.setCookie] ?? "").prefix { $0 != ";" }
  }

  private static func revoke(_ fixture: ServerFixture) async throws {
    #expect(
      try await AccessKeys(
        AnalyticsDatabase(fixture.connection.configuration), on: fixture.connection
      ).revoke("test") == 1)
    fixture.clock.advance(by: later)
  }

  @Test(
    "a live stream ends when its key is revoked, within the time that is stated",
    arguments: [ReportServerConfiguration.Access.keys, .anonymous])
  func bearer(access: ReportServerConfiguration.Access) async throws {
    #expect(Self.later < Gatekeeper.trust)
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await watch(fixture, access: access) { _ in
        "Authorization: Bearer \(key.text)"
      } until: {
        try await Self.revoke(fixture)
      }
    }
  }

  @Test(
    "so does one of a session, also where nobody needs a key",
    arguments: [ReportServerConfiguration.Access.keys, .anonymous])
  func session(access: ReportServerConfiguration.Access) async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await watch(fixture, access: access) {
        try await Self.cookie(key, $0)
      } until: {
        try await Self.revoke(fixture)
      }
    }
  }

  @Test("a live stream ends with its session")
  func expired() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await watch(fixture) {
        try await Self.cookie(key, $0)
      } until: {
        fixture.clock.advance(by: .seconds(Session.lifetime))
      }
    }
  }

  @Test("a live stream ends when its key has a role that sees nothing")
  func lowered() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.admin)
      try await watch(fixture) { _ in
        "Authorization: Bearer \(key.text)"
      } until: {
        try await fixture.connection.execute("UPDATE analytics_keys SET role = 'write'")
        fixture.clock.advance(by: Self.later)
      }
    }
  }

  @Test("a live stream ends when the database does not say whether its key is still good")
  func unknown() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await watch(fixture) { _ in
        "Authorization: Bearer \(key.text)"
      } until: {
        try await fixture.connection.execute(
          "BEGIN; LOCK TABLE analytics_keys IN ACCESS EXCLUSIVE MODE")
        fixture.clock.advance(by: Self.later)
      }
      try await fixture.connection.execute("ROLLBACK")
    }
  }

  @Test("a live stream goes on as long as its key is good, and nobody else's end is its own")
  func goesOn() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read, name: "stays")
      _ = try await fixture.key(.read)
      try await fixture.serve(.live) {
        $0.access = .keys
      } _: { client in
        let raw = try await RawClient.connect(port: try #require(client.client.port))
        try await raw.send(
          "GET /dashboard/live/events HTTP/1.1\r\nHost: localhost\r\n"
            + "Authorization: Bearer \(key.text)\r\n\r\n")
        try await raw.said("\n:\n")
        try await Self.revoke(fixture)
        for name in ["ping", "pong"] {
          fixture.clock.advance(by: Gatekeeper.trust)
          try await fixture.store([SomeEvents.now(name)])
          try await raw.said(name)
          #expect(raw.isOpen)
        }
        try await raw.close()
      }
    }
  }

  @Test("a report that takes longer than a key is believed is not given to one that was revoked")
  func longReport() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
        $0.limits.answerTime = .seconds(1800)
      } _: { client in
        #expect(try await client.get("/overview", .bearer(key)).status == .ok)
        try await fixture.connection.execute(
          "BEGIN; LOCK TABLE analytics_rollups IN ACCESS EXCLUSIVE MODE")
        async let answer = client.get("/api/v1/reports/active-users", .bearer(key))
        // Other tests' databases are on the same server.
        let waits = """
          SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
          WHERE NOT granted AND datname = current_database()
          """
        while try await fixture.connection.query(waits).only().decode(Int.self, at: 0) == 0 {
          try Task.checkCancellation()
        }
        fixture.clock.advance(by: Gatekeeper.trust)
        try await fixture.connection.execute(
          "UPDATE analytics_keys SET revoked_at = now(); COMMIT")
        #expect(try await answer.status == .unauthorized)
      }
    }
  }
}
