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

@Suite("Answers that are running when a key is revoked", .timeLimit(.minutes(60)))
struct RevocationTests {
  /// After this time a stream has looked up its key again. A key found valid just before its revocation still has one
  /// round and one look-up of the promised time left.
  private static let later = Gatekeeper.streamLookupAge + .seconds(1)

  /// Runs `change` while a live stream is open, and waits for the end of the stream.
  ///
  /// - Parameter showing: The header that authorizes the stream.
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
    "a live stream ends within the documented time after its key is revoked",
    arguments: [ReportServerConfiguration.Access.keys, .anonymous])
  func bearer(access: ReportServerConfiguration.Access) async throws {
    #expect(Self.later < Gatekeeper.lookupLifetime)
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
    "a live stream of a session also ends within the documented time, even if no key is needed",
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

  @Test("a live stream ends when its session expires")
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

  @Test("a live stream ends when its key gets a role without access")
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

  @Test("a live stream ends when the database does not confirm that its key is still valid")
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

  @Test("a live stream continues as long as its key is valid, whatever happens to other keys")
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
          fixture.clock.advance(by: Gatekeeper.lookupLifetime)
          try await fixture.store([SomeEvents.now(name)])
          try await raw.said(name)
          #expect(raw.isOpen)
        }
        try await raw.close()
      }
    }
  }

  @Test("a report that outlasts the look-up of its key is refused if the key was revoked")
  func longReport() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
        $0.limits.reportTimeout = .seconds(1800)
      } _: { client in
        #expect(try await client.get("/overview", .bearer(key)).status == .ok)
        try await fixture.connection.execute(
          "BEGIN; LOCK TABLE analytics_rollups IN ACCESS EXCLUSIVE MODE")
        async let answer = client.get("/api/v1/reports/active-users", .bearer(key))
        // Other databases on the server belong to other tests.
        let waits = """
          SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
          WHERE NOT granted AND datname = current_database()
          """
        while try await fixture.connection.query(waits).only().decode(Int.self, at: 0) == 0 {
          try Task.checkCancellation()
        }
        fixture.clock.advance(by: Gatekeeper.lookupLifetime)
        try await fixture.connection.execute(
          "UPDATE analytics_keys SET revoked_at = now(); COMMIT")
        #expect(try await answer.status == .unauthorized)
      }
    }
  }
}
