import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Access", .timeLimit(.minutes(60)))
struct AccessTests {
  @Test("without a key only health and the API description are accessible")
  func needsKey() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        for path in ["/health", "/ready", "/openapi.json", "/sign-in"] {
          #expect(try await client.get(path).status == .ok, "\(path)")
        }
        for path in ["/overview", "/api/v1/reports", "/statistics", "/api/v1/reports/tasks.csv"] {
          let refused = try await client.get(path)
          #expect(refused.status == .unauthorized, "\(path)")
          #expect(refused.headers[.wwwAuthenticate] == "Bearer")
          #expect(try await client.get(path, .bearer(key)).status == .ok, "\(path)")
        }
      }
    }
  }

  @Test("invalid keys of every kind are refused, even where no key is needed")
  func wrong() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      for access in [ReportServerConfiguration.Access.keys, .automatic] {
        try await fixture.serve(.router) {
          $0.access = access
        } _: { client in
          for header in [
            "Bearer \(AccessKey.random().text)", "Bearer ", "Bearer", "", "Basic YTpi",
            "Bearer \(key.text)x", "Bearer \(key.text.dropLast())", "Bearer ' OR true --",
            key.text, "Bearer \(key.text.lowercased())",
          ] {
            let answer = try await client.get("/overview", [.authorization: header])
            #expect(answer.status == .unauthorized, "\(header)")
          }
          for header in ["Bearer \(key.text)", "bearer \(key.text)"] {
            #expect(try await client.get("/overview", [.authorization: header]).status == .ok)
          }
        }
      }
    }
  }

  @Test("a revoked key stops working within the documented time")
  func revoked() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        #expect(try await client.get("/overview", .bearer(key)).status == .ok)
        let keys = try await AccessKeys(
          AnalyticsDatabase(fixture.connection.configuration), on: fixture.connection)
        #expect(try await keys.revoke(key.prefix) == 1)
        fixture.clock.advance(by: Gatekeeper.lookupLifetime)
        #expect(try await client.get("/overview", .bearer(key)).status == .unauthorized)
      }
    }
  }

  @Test("the read role can read figures, the write role cannot, the admin role can")
  func roles() async throws {
    try await ServerFixture.with { fixture in
      var keys: [Role: AccessKey] = [:]
      for role in Role.allCases { keys[role] = try await fixture.key(role, name: role.rawValue) }
      let made = keys
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        for (role, key) in made {
          let answer = try await client.get("/overview", .bearer(key))
          #expect(answer.status == (role == .write ? .forbidden : .ok), "\(role)")
        }
      }
      let used: [String] = try await AccessKeys(
        AnalyticsDatabase(fixture.connection.configuration), on: fixture.connection
      ).list()
        .compactMap(\.lastUsedOn)
      #expect(used.count == 3)
    }
  }

  @Test("signing in with a key gives a cookie that is valid until the key is revoked")
  func signIn() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        let wrong = try await client.send(
          .post, "/sign-in", body: "key=\(AccessKey.random().text)&to=/overview")
        #expect(wrong.status == .forbidden && wrong.headers[.setCookie] == nil)
        let answer = try await client.send(
          .post, "/sign-in", body: "key=\(key.text)&to=%2Foverview%3Ftz%3DUTC")
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == "/overview?tz=UTC")
        let cookie = try #require(answer.headers[.setCookie])
        #expect(
          answer.headers.cookieAttributes == [
            "Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Strict",
          ])
        #expect(!cookie.contains(key.text.dropFirst(4)))
        let pair = String(cookie.prefix { $0 != ";" })
        func asked(_ cookie: String) async throws -> HTTPResponse.Status {
          try await client.get("/overview", [.cookie: cookie]).status
        }
        #expect(try await asked("other=1; \(pair)") == .ok)
        // Cookies with another expiry, another signature, and another key.
        let parts = pair.split(separator: ".").map(String.init)
        let later = [parts[0], String((Int(parts[1]) ?? 0) + 1), parts[2]].joined(separator: ".")
        let code = [parts[0], parts[1], String(parts[2].reversed())].joined(separator: ".")
        let other = "analytics_session=\(UUID()).\(parts[1]).\(parts[2])"
        for forged in [later, code, other, pair + ".x", "analytics_session="] {
          #expect(try await asked(forged) == .unauthorized, "\(forged)")
        }
        fixture.clock.advance(by: .seconds(Session.lifetime))
        #expect(try await asked(pair) == .unauthorized)
        let again = try await client.send(.post, "/sign-in", body: "key=\(key.text)")
        let fresh = String((again.headers[.setCookie] ?? "").prefix { $0 != ";" })
        #expect(try await asked(fresh) == .ok)
        _ = try await AccessKeys(
          AnalyticsDatabase(fixture.connection.configuration), on: fixture.connection
        ).revoke("test")
        fixture.clock.advance(by: Gatekeeper.lookupLifetime)
        #expect(try await asked(fresh) == .unauthorized)
      }
    }
  }

  /// Signs in. Returns the value of the session cookie.
  private static func session(_ key: AccessKey, _ client: ServerClient) async throws -> String {
    let answer = try await client.send(.post, "/sign-in", body: "key=\(key.text)")
    let pair = try #require(answer.headers[.setCookie]).prefix { $0 != ";" }
    return String(pair.drop { $0 != "=" }.dropFirst())
  }

  @Test("a session is read from a cookie of its own, and not from within another")
  func cookieHeaders() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        let value = try await Self.session(key, client)
        let session = "analytics_session=\(value)"
        let cases: [(header: String, isIn: Bool)] = [
          ("\(session) ; x=a", true), ("x=a ;\(session)\t;y=b", true),
          ("analytics_session=; \(session)", true), ("x=analytics_session=; \(session)", true),
          // The separator is canonically equal to a semicolon, but belongs to the cookie's value.
          ("x=a\u{37E}\(session)", false), ("x=a\u{37E} \(session)", false),
          ("x=\(session)", false), ("x\(session)", false), ("x=a, \(session)", false),
        ]
        for (header, isIn) in cases {
          let answer = try await client.get("/overview", [.cookie: header])
          #expect(answer.status == (isIn ? .ok : .unauthorized), "\(header)")
          let page = try await client.get("/dashboard", [.cookie: header])
          #expect(page.status == (isIn ? .ok : .seeOther), "\(header)")
          #expect((page.headers[.location]?.hasPrefix("/sign-in") == true) == !isIn)
        }
      }
    }
  }

  @Test("of two session cookies, the one that no other host can set is used, in any order")
  func twoCookies() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        let valid = try await Self.session(key, client)
        let forged = String(valid.reversed())
        let cases: [(ofHost: String, other: String, status: HTTPResponse.Status)] = [
          (valid, forged, .ok), (forged, valid, .unauthorized),
        ]
        for (ofHost, other, status) in cases {
          let cookies = ["__Host-analytics_session=\(ofHost)", "analytics_session=\(other)"]
          for cookies in [cookies, cookies.reversed()] {
            let header = cookies.joined(separator: "; ")
            #expect(try await client.get("/overview", [.cookie: header]).status == status)
          }
        }
      }
    }
  }

  @Test(
    "the sign-in redirects to this server only",
    arguments: [
      "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "",
      "/x\"><script>", "/é",
    ])
  func redirects(target: String) async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      let encoded = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      try await fixture.serve { client in
        let answer = try await client.send(
          .post, "/sign-in", body: "key=\(key.text)&to=\(encoded)")
        let location = answer.headers[.location] ?? ""
        let isOurs = target == "/x\"><script>" || target == "/é" && location == "/%C3%A9"
        #expect(location == SignInRoutes.home || isOurs, "\(location)")
        let page = try await client.get("/sign-in?to=\(encoded)")
        #expect(!page.text.contains("<script") && !page.text.contains("evil"), "\(page.text)")
      }
    }
  }

  @Test("pages of other origins cannot sign a user in or out")
  func crossSite() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve { client in
        for path in ["/sign-in", "/sign-out"] {
          let answer = try await client.send(
            .post, path, [.init("Sec-Fetch-Site")!: "cross-site"], body: "key=\(key.text)")
          #expect(answer.status == .forbidden && answer.headers[.setCookie] == nil)
        }
        let out = try await client.send(.post, "/sign-out")
        #expect(out.headers[.setCookie]?.contains("Max-Age=0") == true)
      }
    }
  }

  @Test("looking up keys and sessions needs no more rights than a reader has")
  func reader() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      let suffix = UUID().uuidString.prefix(8).lowercased()
      let roles = AnalyticsRoles(writer: "writer-\(suffix)", reader: "reader-\(suffix)")
      var configuration = try PostgresConfiguration(url: fixture.url)
      try await Migrator(AnalyticsDatabase(configuration), logger: silentLogger).grant(roles)
      let key = try await fixture.key(.read)
      let separator = fixture.url.contains("?") ? "&" : "?"
      let url = "\(fixture.url)\(separator)options=-c%20role%3Dreader-\(suffix)"
      var server = ReportServerConfiguration()
      server.access = .keys
      try await withServer(server, on: url) { client in
        for path in ["/ready", "/overview", "/statistics", "/api/v1/reports/active-users"] {
          let answer = try await client.get(path, .bearer(key))
          #expect(answer.status == .ok, "\(path) \(answer.text)")
        }
      }
      configuration.parameters["options"] = "-c role=reader-\(suffix)"
      let connection = try await PostgresConnection.connect(configuration)
      for sql in [
        "SELECT hash FROM analytics_keys", "UPDATE analytics_keys SET role = 'admin'",
        "UPDATE analytics_instance SET id = gen_random_uuid()",
      ] {
        let error = await #expect(throws: PostgresError.self) { try await connection.execute(sql) }
        #expect(error?.sqlState == .insufficientPrivilege)
      }
      await connection.close()
      let used = try await AccessKeys(
        AnalyticsDatabase(fixture.connection.configuration), on: fixture.connection
      ).list()
      #expect(used.first?.lastUsedOn != nil)
      for role in [roles.writer, roles.reader] {
        try await fixture.connection.execute(
          "DROP OWNED BY \"\(role)\" CASCADE; DROP ROLE \"\(role)\"")
      }
    }
  }
}
