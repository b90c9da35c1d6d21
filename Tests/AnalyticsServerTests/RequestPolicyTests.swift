import AnalyticsTestSupport
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import AnalyticsServer

@Suite("Checks of every request", .timeLimit(.minutes(60)))
struct RequestPolicyTests {
  private static let away = ReportServerConfiguration()

  @Test("every answer has the security headers, errors included")
  func headers() async throws {
    try await withServer(Self.away) { client in
      for path in ["/health", "/sign-in", "/nothing", "/overview", "/overview?x=%zz"] {
        let headers = try await client.get(path).headers
        let policy = headers[.contentSecurityPolicy] ?? ""
        #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"), "\(path)")
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(headers[.init("Referrer-Policy")!] == "no-referrer")
        #expect(headers[.cacheControl] != nil && headers[.requestID] != nil)
        #expect(headers[.strictTransportSecurity] == nil, "this header needs TLS")
        #expect(headers[.accessControlAllowOrigin] == nil)
      }
    }
  }

  @Test("a page of another origin may send requests only if its origin is listed")
  func cors() async throws {
    var configuration = Self.away
    configuration.corsOrigins = ["https://dash.example.org"]
    try await withServer(configuration) { client in
      let ours: HTTPFields = [.origin: "https://dash.example.org"]
      let answer = try await client.get("/health", ours)
      #expect(answer.headers[.accessControlAllowOrigin] == "https://dash.example.org")
      #expect(answer.headers[.vary]?.contains("Origin") == true)
      var preflight = ours
      preflight[.accessControlRequestMethod] = "GET"
      let asked = try await client.send(.options, "/overview", preflight)
      #expect(asked.status == .noContent)
      #expect(asked.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
      for origin in ["https://evil.example", "null", "https://dash.example.org.evil.example"] {
        preflight[.origin] = origin
        let refused = try await client.send(.options, "/overview", preflight)
        #expect(refused.status == .methodNotAllowed)
        #expect(refused.headers[.accessControlAllowOrigin] == nil)
      }
    }
  }

  @Test(
    "host names are parsed",
    arguments: [
      ("localhost", true), ("LOCALHOST:8484", true), ("127.0.0.1:1", true), ("[::1]:8484", true),
      ("::1", true), ("127.9.9.9", true), ("localhost.", true), ("evil.example", false),
      ("localhost.evil.example", false), ("127.0.0.1.evil.example", false), ("127.0.0.256", false),
      ("0.0.0.0", false), ("", false), ("[::2]", false), ("evil.example:80@localhost", false),
    ])
  func hostNames(authority: String, isLoopback: Bool) {
    #expect(HostName(authority).isLoopback == isLoopback)
  }

  @Test("on loopback an unknown host name is refused, unless it is configured")
  func rebinding() async {
    func status(_ names: [String]?, _ authority: String?) async -> HTTPResponse.Status {
      let policy = RequestPolicy(
        hostNames: names.map { $0.map { HostName($0) } }, corsOrigins: [], bodyBytes: 1,
        isTLS: false)
      let head = HTTPRequest(method: .get, scheme: "http", authority: authority, path: "/")
      let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
      return await policy.apply(request, id: "x", logger: silentLogger) {
        Response(status: .ok)
      }.status
    }
    #expect(await status([], "localhost:8484") == .ok)
    #expect(await status([], "evil.example") == .misdirectedRequest)
    #expect(await status([], nil) == .badRequest)
    #expect(await status(["stats.example.org"], "Stats.Example.org:443") == .ok)
    #expect(await status(["stats.example.org"], "evil.example") == .misdirectedRequest)
    #expect(await status(nil, "evil.example") == .ok)
  }

  @Test("a client that disconnects within a request causes no line in the log")
  func left() async {
    let log = RecordedLog()
    let policy = RequestPolicy(hostNames: nil, corsOrigins: [], bodyBytes: 1, isTLS: false)
    let head = HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/")
    let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    let reset = IOError(errnoCode: ECONNRESET, reason: "read")
    for error in [reset, ChannelError.inputClosed] as [any Error] {
      let answer = await policy.apply(request, id: "x", logger: log.logger) { throw error }
      #expect(answer.status == .badRequest)
    }
    #expect(log.lines == [])
  }

  @Test("only the client that sends too many requests must wait")
  func rateLimit() async throws {
    try await ServerFixture.with { fixture in
      let keys = [
        try await fixture.key(.read, name: "a"), try await fixture.key(.read, name: "b"),
      ]
      try await fixture.serve(.router) { configuration in
        configuration.access = .keys
        configuration.limits.requestsPerSecond = 2
        configuration.limits.burst = 3
      } _: { client in
        for _ in 0..<3 {
          #expect(try await client.get("/api/v1/reports", .bearer(keys[0])).status == .ok)
        }
        let refused = try await client.get("/api/v1/reports", .bearer(keys[0]))
        #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] == "1")
        #expect(try await client.get("/api/v1/reports", .bearer(keys[1])).status == .ok)
        #expect(try await client.get("/health").status == .ok)
        fixture.clock.advance(by: .seconds(0.5))
        #expect(try await client.get("/api/v1/reports", .bearer(keys[0])).status == .ok)
        #expect(
          try await client.get("/api/v1/reports", .bearer(keys[0])).status == .tooManyRequests)
      }
    }
  }

  @Test("attempts to guess keys count against the rate limit of their address")
  func guessing() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve(.router) { configuration in
        configuration.access = .keys
        configuration.limits.requestsPerSecond = 1
        configuration.limits.burst = 4
      } _: { client in
        var statuses: [HTTPResponse.Status] = []
        for _ in 0..<8 {
          statuses.append(
            try await client.get("/overview", .bearer(AccessKey.random())).status)
        }
        #expect(statuses.contains(.unauthorized) && statuses.last == .tooManyRequests)
      }
    }
  }

  @Test("the number of buckets is bounded, and full ones are removed first")
  func buckets() {
    let clock = TestClock()
    let limiter = RateLimiter(rate: 1, burst: 2, instant: clock.serverClock.instant)
    for number in 0..<10_000 { #expect(limiter.take("\(number)") == nil) }
    #expect(limiter.take("one more") == 1)
    clock.advance(by: .seconds(1))
    #expect(limiter.take("one more") == nil)
  }

  @Test("however low the rate limit is, a client is told to wait for 36,500 days at most")
  func lowRates() {
    let clock = TestClock()
    for rate in [.leastNonzeroMagnitude, .leastNormalMagnitude, 1e-30, 1e-12] as [Double] {
      let limiter = RateLimiter(rate: rate, burst: 1, instant: clock.serverClock.instant)
      #expect(limiter.take("client") == nil)
      #expect(limiter.take("client") == 36_500 * 86_400, "\(rate)")
    }
    let daily = RateLimiter(rate: 1.0 / 86_400, burst: 1, instant: clock.serverClock.instant)
    #expect(daily.take("client") == nil)
    #expect(daily.take("client") == 86_400)
  }

  @Test("a rate of 0 or less, or an infinite one, is no limit", arguments: [0, -1, .infinity])
  func noLimit(rate: Double) {
    let limiter = RateLimiter(rate: rate, burst: 1, instant: TestClock().serverClock.instant)
    for _ in 0..<10 { #expect(limiter.take("client") == nil) }
  }
}
