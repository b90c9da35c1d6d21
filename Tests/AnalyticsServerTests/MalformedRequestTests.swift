import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import AnalyticsServer

@Suite("Requests that are malformed, late or of other origins", .timeLimit(.minutes(60)))
struct MalformedRequestTests {
  private static func withPort(
    _ configure: (inout ReportServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    var configuration = ReportServerConfiguration()
    configuration.collectsTelemetry = true
    // A busy machine must not cause a timeout.
    configuration.limits.requestTimeout = .seconds(1800)
    configuration.limits.idleTimeout = .seconds(1800)
    configure(&configuration)
    try await withServer(configuration, .live) { client in
      try await body(try #require(client.client.port))
    }
  }

  /// All that a server sends until it closes the connection.
  private static func answer(to text: String, _ port: Int) async throws -> String {
    let client = try await RawClient.connect(port: port)
    client.throwAt(text)
    return try await client.ended()
  }

  private static func statuses(_ answer: String) -> [Int] {
    answer.components(separatedBy: "HTTP/1.1 ").dropFirst().compactMap { Int($0.prefix(3)) }
  }

  private static let host = "Host: localhost\r\n"
  private static let long = String(repeating: "x", count: 20_000)

  /// The requests, and the status with which each is refused.
  private static let malformed: [(String, Int)] = [
    ("GET /health HTTP/1.1\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\n\(host)\(host)\r\n", 400),
    ("GET /health HTTP/1.1\r\n\(host)Host: evil.example\r\n\r\n", 400),
    ("GET /health HTTP/1.0\r\n\(host)Host: evil.example\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nHost:\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nHost: local host\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nHost: user@localhost\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nHost: localhost:http\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nHost: localhost:99999\r\n\r\n", 400),
    ("GET http:///health HTTP/1.1\r\n\(host)\r\n", 400),
    ("GET http://user@localhost/health HTTP/1.1\r\n\(host)\r\n", 400),
    ("GET health HTTP/1.1\r\n\(host)\r\n", 400),
    ("CONNECT localhost:80 HTTP/1.1\r\n\(host)\r\n", 501),
    ("POST /sign-in HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 3\r\n\r\nkey", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 4\r\n\r\nkeys", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Content-Length: 3, 3\r\n\r\nkey", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Content-Length: +3\r\n\r\nkey", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999\r\n\r\nkey", 400),
    (
      "POST /sign-in HTTP/1.1\r\n\(host)Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "0\r\n\r\n", 400
    ),
    (
      "POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
        + "0\r\n\r\n", 400
    ),
    ("POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    ("POST /telemetry HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    ("POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n\r\n0\r\n\r\n", 400),
    ("POST /sign-in HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nzz\r\nkey\r\n", 400),
    ("POST /telemetry HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nzz\r\nkey\r\n", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n3\r\nkeyX0\r\n\r\n", 400),
    (
      "POST /sign-in HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nk",
      400
    ),
    ("FROB /health HTTP/1.1\r\n\(host)\r\n", 501), ("get /health HTTP/1.1\r\n\(host)\r\n", 501),
    ("nonsense\r\n\r\n", 400), ("\u{16}\u{3}\u{1}", 400),
    ("GET /health HTTP/1.2\r\n\(host)\r\n", 505), ("GET /health HTTP/1.1x\r\n\(host)\r\n", 400),
    ("GET /health HTTP/9.9\r\n\(host)\r\n", 505), ("GET /health HTTP/2.0\r\n\(host)\r\n", 505),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("GET /health HTTQ/1.1\r\n\(host)\r\n", 400),
    ("GET /health HTTP/1.1\n\(host)\r\n", 400),
    ("GET /\(long) HTTP/1.1\r\n\(host)\r\n", 414),
    ("GET /health HTTP/1.1\r\n\(host)X: \(long)\r\n\r\n", 431),
    (
      "GET /health HTTP/1.1\r\n\(host)\(String(repeating: "X: x\r\n", count: 200))\r\n", 431
    ),
    ("GET /health HTTP/1.1\r\n\(host)X(y): z\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\n\(host)X : a\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n", 400),
    ("GET /he\u{1}alth HTTP/1.1\r\n\(host)\r\n", 400),
    ("POST /sign-in HTTP/1.1\r\n\(host)Expect: tea\r\nContent-Length: 3\r\n\r\nkey", 417),
  ]

  @Test(
    "are answered once with the reason, and the connection is closed",
    arguments: [ReportServerConfiguration.Access.automatic, .anonymous])
  func refused(access: ReportServerConfiguration.Access) async throws {
    try await Self.withPort {
      $0.access = access
      // This access does not check host names.
      if case .anonymous = access { $0.host = "0.0.0.0" }
    } _: { port in
      for (text, status) in Self.malformed {
        let answer = try await Self.answer(to: text, port)
        #expect(Self.statuses(answer) == [status], "\(text.prefix(100)) \(answer)")
        #expect(answer.lowercased().contains("connection: close\r\n"), "\(text.prefix(100))")
        // Requests with a body get their answer from the route, which may be a page.
        let isToldWhy = ["application/problem+json", "role=\"alert\""].contains(
          where: answer.contains)
        #expect(isToldWhy && answer.contains("nosniff"))
      }
    }
  }

  @Test("answers to earlier requests come first")
  func pipelined() async throws {
    try await Self.withPort { port in
      let good = "GET /health HTTP/1.1\r\n\(Self.host)\r\n"
      let answer = try await Self.answer(to: good + good + "FROB / HTTP/1.1\r\n\r\n" + good, port)
      #expect(Self.statuses(answer) == [200, 200, 400])
    }
  }

  @Test("the host of a target overrides the Host header")
  func absolute() async throws {
    try await Self.withPort { port in
      for (target, host, status) in [
        ("http://localhost/health", "localhost", 200),
        ("HTTP://127.0.0.1:\(port)/health", "evil.example", 200),
        ("http://evil.example/health", "localhost", 421),
      ] {
        let answer = try await Self.answer(
          to: "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n", port)
        #expect(Self.statuses(answer) == [status], "\(target)")
      }
    }
  }

  @Test("a connection ends with the last answer, and later requests are not answered")
  func last() async throws {
    try await Self.withPort { port in
      let next = "GET /health HTTP/1.1\r\n\(Self.host)\r\n"
      for head in [
        "HTTP/1.0\r\n\(Self.host)", "HTTP/1.1\r\n\(Self.host)Connection: close\r\n",
        "HTTP/1.1\r\n\(Self.host)Connection: x, Close\r\n",
        "HTTP/1.1\r\n\(Self.host)Connection: Upgrade\r\nUpgrade: h2c\r\n",
      ] {
        let answer = try await Self.answer(to: "GET /health \(head)\r\n" + next, port)
        #expect(Self.statuses(answer) == [200], "\(head)")
        #expect(answer.contains("connection: close\r\n"), "\(head)")
      }
    }
  }

  @Test("a client of HTTP/1.0 may keep the connection, and gets no chunked answer")
  func old() async throws {
    try await Self.withPort { port in
      let kept = try await RawClient.connect(port: port)
      for count in 1...2 {
        try await kept.send("GET /health HTTP/1.0\r\n\(Self.host)Connection: keep-alive\r\n\r\n")
        while Self.statuses(kept.text).count < count, kept.isOpen { await Task.yield() }
      }
      #expect(kept.isOpen && kept.text.contains("connection: keep-alive\r\n"))
      try await kept.close()
      let stream = try await RawClient.connect(port: port)
      try await stream.send("GET /dashboard/live/events HTTP/1.0\r\n\(Self.host)\r\n")
      try await stream.said("retry: 3000\n\n")
      #expect(!stream.text.lowercased().contains("transfer-encoding"))
      #expect(stream.text.contains("\r\n\r\nretry: 3000\n\n"))
      try await stream.close()
    }
  }

  @Test(
    "a client that is still sending can read why its body, which is too long, is refused",
    arguments: ["/telemetry", "/sign-in"])
  func tooLong(path: String) async throws {
    try await Self.withPort { port in
      let chunk = "4000\r\n\(String(repeating: "x", count: 0x4000))\r\n"
      for (framing, body) in [
        ("Content-Length: 100000", String(repeating: "x", count: 100_000)),
        ("Content-Length: 8000000", String(repeating: "x", count: 8_000_000)),
        ("Content-Length: 100000\r\nExpect: 100-continue", ""),
        ("Transfer-Encoding: chunked", String(repeating: chunk, count: 10) + "0\r\n\r\n"),
        ("Transfer-Encoding: chunked", String(repeating: chunk, count: 500)),
      ] {
        let answer = try await Self.answer(
          to: "POST \(path) HTTP/1.1\r\n\(Self.host)\(framing)\r\n\r\n\(body)", port)
        #expect(Self.statuses(answer) == [413], "\(framing) \(body.utf8.count) \(answer)")
        #expect(answer.contains("the body is longer than"))
      }
    }
  }

  @Test("a client that expects 100 Continue receives it")
  func continues() async throws {
    try await Self.withPort { port in
      let client = try await RawClient.connect(port: port)
      try await client.send(
        "POST /sign-in HTTP/1.1\r\n\(Self.host)Expect: 100-continue\r\nContent-Length: 3\r\n"
          + "Connection: close\r\n\r\n")
      try await client.said("HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("key")
      #expect(Self.statuses(try await client.ended()) == [100, 403])
    }
  }

  @Test(
    "the time limit of a slow request begins with its first byte",
    arguments: [
      "GET /", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /",
      "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n",
      "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
    ])
  func drops(first: String) async throws {
    try await Self.withPort {
      $0.limits.requestTimeout = .milliseconds(500)
    } _: { port in
      let client = try await RawClient.connect(port: port)
      try await client.send(first)
      client.drip("x", every: .milliseconds(20))
      #expect(Self.statuses(try await client.ended()).last == 408)
    }
  }

  @Test("a slow request head times out, but a pause between requests does not")
  func dripped() async throws {
    try await Self.withPort {
      $0.limits.requestTimeout = .milliseconds(500)
    } _: { port in
      let silent = try await RawClient.connect(port: port)
      // An empty line after a request does not begin the next request.
      try await silent.send("GET /health HTTP/1.1\r\n\(Self.host)\r\n")
      try await silent.said("\"ok\"}")
      try await silent.send("\r\n")
      let late = try await RawClient.connect(port: port)
      try await late.send("GET /health HTTP/1.1\r\n\(Self.host)X: ")
      late.drip("x", every: .milliseconds(20))
      #expect(Self.statuses(try await late.ended()) == [408])
      #expect(silent.isOpen)
      try await silent.send("GET /health HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n")
      #expect(Self.statuses(try await silent.ended()) == [200, 200])
    }
  }

  @Test(
    "a TLS handshake that stalls is ended",
    .enabled(if: Certificate.canBeMade, "openssl is not installed: run `apt-get install openssl`"),
    arguments: ["", "\u{16}\u{3}\u{1}"])
  func handshake(sent: String) async throws {
    try await Certificate.with { files in
      try await Self.withPort {
        $0.tls = files
        $0.limits.requestTimeout = .milliseconds(500)
      } _: { port in
        let client = try await RawClient.connect(port: port)
        if !sent.isEmpty { try await client.send(sent) }
        #expect(try await client.ended().isEmpty)
      }
    }
  }

  @Test("forms of other origins change nothing, whichever header names the origin")
  func origins() async throws {
    try await Self.withPort {
      $0.hostNames = ["stats.example.org"]
      $0.access = .anonymous
    } _: { port in
      let own = "localhost:\(port)"
      for (origin, site, isOwn) in [
        (nil, nil, true), (nil, "same-origin", true), (nil, "none", true),
        (nil, "same-site", false), (nil, "cross-site", false),
        ("http://\(own)", nil, true), ("http://\(own)", "same-origin", true),
        ("http://\(own)", "cross-site", false), ("https://stats.example.org", nil, true),
        ("null", nil, false), ("null", "same-origin", true), ("null", "cross-site", false),
        ("http://evil.example", nil, false), ("http://evil.example", "same-origin", false),
        ("http://localhost:\(port == 1 ? 2 : 1)", nil, false), ("http://localhost", nil, false),
        ("http://127.0.0.1:\(port)", nil, false), ("http://\(own).evil.example", nil, false),
        ("https://stats.example.org:8443", nil, false), ("file://\(own)", nil, false),
        ("", nil, false),
      ] as [(String?, String?, Bool)] {
        let headers =
          (origin.map { "Origin: \($0)\r\n" } ?? "")
          + (site.map { "Sec-Fetch-Site: \($0)\r\n" } ?? "")
        for (path, status) in [("/sign-out", 303), ("/sign-in", 403), ("/telemetry", 400)] {
          let answer = try await Self.answer(
            to: "POST \(path) HTTP/1.1\r\nHost: \(own)\r\n\(headers)Connection: close\r\n"
              + "Content-Length: 0\r\n\r\n", port)
          #expect(Self.statuses(answer) == [isOwn ? status : 403], "\(path) \(headers)")
          #expect(answer.contains("other origins") == !isOwn, "\(path) \(headers)")
        }
      }
    }
  }
}
