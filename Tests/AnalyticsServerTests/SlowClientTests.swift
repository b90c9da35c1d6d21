import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import AnalyticsServer

@Suite("Clients that are slow, silent or too large", .timeLimit(.minutes(60)))
struct SlowClientTests {
  /// The timeouts are long enough for any answer here, and short enough to wait for.
  private static func configuration() -> ReportServerConfiguration {
    var configuration = ReportServerConfiguration()
    configuration.limits.idleTimeout = .milliseconds(500)
    configuration.limits.requestTimeout = .milliseconds(500)
    configuration.limits.writeStallTimeout = .milliseconds(500)
    return configuration
  }

  /// Timeouts for clients that are slow only because the machine is busy.
  private static func patient() -> ReportServerConfiguration {
    var configuration = configuration()
    configuration.limits.idleTimeout = .seconds(1800)
    configuration.limits.requestTimeout = .seconds(1800)
    return configuration
  }

  private func withPort(
    _ configuration: ReportServerConfiguration = configuration(),
    _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    try await withServer(configuration, .live) { client in
      try await body(try #require(client.client.port))
      // The server must still answer other clients.
      let port = try #require(client.client.port)
      // On a busy machine this client may time out, too, so it tries again.
      var answer = ""
      for _ in 0..<20 where !answer.hasPrefix("HTTP/1.1 200 ") {
        let other = try await RawClient.connect(port: port)
        try await other.send(
          "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = try await other.ended()
      }
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test(
    "a connection without a complete request is closed",
    arguments: [
      "", "GET /health", "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: a",
      "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nkey",
      "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nkey\r\n",
    ])
  func slow(sent: String) async throws {
    try await withPort { port in
      let client = try await RawClient.connect(port: port)
      if !sent.isEmpty { try await client.send(sent) }
      let answer = try await client.ended()
      #expect(!answer.contains(" 200 ") && !answer.contains(" 500 "), "\(answer)")
    }
  }

  @Test("a slow body must be complete within the time limit")
  func drops() async throws {
    try await withPort { port in
      let client = try await RawClient.connect(port: port)
      try await client.send(
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
      // The pauses between the bytes are shorter than the idle timeout.
      client.drip("k", every: .milliseconds(20))
      _ = try await client.ended()
    }
  }

  @Test("a client that does not read is disconnected")
  func unread() async throws {
    var configuration = Self.configuration()
    configuration.limits.idleTimeout = .seconds(60)
    try await withPort(configuration) { port in
      let client = try await RawClient.connect(port: port, isReading: false)
      // The answers are larger than all buffers between server and client.
      let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
      client.throwAt(String(repeating: request, count: 400))
      // A client that only waits does not notice that the server closed the connection.
      client.drip(request, every: .milliseconds(20))
      _ = try await client.ended()
    }
  }

  @Test("headers that are too large are refused")
  func headers() async throws {
    try await withPort(Self.patient()) { port in
      for request in [
        "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Large: \(String(repeating: "x", count: 20_000))\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "X-Many: x\r\n", count: 200))\r\n",
        "GET /\(String(repeating: "x", count: 100_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "nonsense\r\n\r\n", "GET /health HTTP/9.9\r\n\r\n",
      ] {
        let client = try await RawClient.connect(port: port)
        client.throwAt(request)
        let answer = try await client.ended()
        #expect(
          answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 505 "),
          "\(request.prefix(60)) \(answer)")
      }
    }
  }

  @Test("a body that is too large is refused, even if its length is unknown")
  func bodies() async throws {
    try await withPort(Self.patient()) { port in
      let told = try await RawClient.connect(port: port)
      try await told.send(
        "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n")
      try await told.said("HTTP/1.1 413 ")
      _ = try await told.ended()
      for path in ["/health", "/sign-in"] {
        let untold = try await RawClient.connect(port: port)
        let chunk = "4000\r\n\(String(repeating: "x", count: 0x4000))\r\n"
        untold.throwAt(
          "POST \(path) HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: chunk, count: 64))
        let answer = try await untold.ended()
        #expect(!answer.contains(" 200 ") && !answer.contains(" 500 "), "\(answer)")
      }
    }
  }

  @Test("a request without a host name, or with an unknown one, is refused")
  func names() async throws {
    try await withPort(Self.patient()) { port in
      for (headers, status) in [
        ("Host: evil.example\r\n", "421"), ("Host: 127.0.0.1:\(port)\r\n", "200"), ("", "400"),
      ] {
        let client = try await RawClient.connect(port: port)
        try await client.send("GET /health HTTP/1.1\r\n\(headers)Connection: close\r\n\r\n")
        #expect(try await client.ended().hasPrefix("HTTP/1.1 \(status) "), "\(headers)")
      }
    }
  }

  /// Both ends of each connection are in this process, and other tests need descriptors, too.
  private static let idleConnections = 5000
  private static let hasRoom = DescriptorLimit.raise(to: 2 * idleConnections + 1500)

  @Test(
    "5,000 idle connections do not delay answers to others",
    .enabled(if: hasRoom, "this user may not open 11,500 files: raise the hard limit (ulimit -Hn)"))
  func idle() async throws {
    try await withPort(Self.patient()) { port in
      var clients: [RawClient] = []
      for _ in 0..<Self.idleConnections { clients.append(try await RawClient.connect(port: port)) }
      let last = try await RawClient.connect(port: port)
      try await last.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      #expect(try await last.ended().hasPrefix("HTTP/1.1 200 "))
      #expect(clients.count { $0.isOpen } == Self.idleConnections)
      // The server has accepted these connections: they do not only wait in the system's queue.
      let (first, newest) = (clients[0], clients[clients.count - 1])
      for client in [first, newest] {
        try await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await client.said("HTTP/1.1 200 ")
      }
      for client in clients { try await client.close() }
    }
  }
}
