import AnalyticsConnections
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOSSL
import ServiceLifecycle
import Testing

@testable import AnalyticsServer

@Suite("TLS and where a server listens", .timeLimit(.minutes(60)))
struct TLSTests {
  @Test(
    "a server with a certificate uses TLS, and tells browsers to require it",
    .enabled(if: Certificate.canBeMade, "openssl is not installed: run `apt-get install openssl`"))
  func certificate() async throws {
    try await Certificate.with { files in
      try await ServerFixture.with { fixture in
        let key = try await fixture.key(.read)
        try await fixture.serve(.live) {
          $0.tls = files
        } _: { client in
          var tls = TLSConfiguration.makeClientConfiguration()
          tls.trustRoots = .file(files.certificate)
          let port = try #require(client.client.port)
          try await TestClient.withClient(
            host: "localhost", port: port,
            configuration: .init(tlsConfiguration: tls, serverName: "localhost")
          ) { client in
            let answer = try await client.execute(
              .init("/health", method: .get, authority: "localhost"))
            #expect(answer.status == .ok)
            #expect(answer.headers[.strictTransportSecurity] != nil)
            let signedIn = try await client.execute(
              .init(
                "/sign-in", method: .post, authority: "localhost",
                body: ByteBuffer(string: "key=\(key.text)")))
            let cookie = signedIn.headers[.setCookie] ?? ""
            #expect(cookie.hasPrefix("__Host-analytics_session="))
            #expect(
              signedIn.headers.cookieAttributes == [
                "Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Strict", "Secure",
              ])
          }
        }
      }
    }
  }

  @Test("files that contain no certificate are refused, and the error names them")
  func noCertificate() async throws {
    var configuration = ReportServerConfiguration()
    for file in ["/nowhere/certificate.pem", "/etc/hostname", "/dev/null"] {
      configuration.tls = .init(certificate: file, key: file)
      let server = ReportServer(
        try AnalyticsDatabase(url: nowhere), configuration, logger: silentLogger)
      let error = await #expect(throws: ReportServerError.self) { try await server.run() }
      #expect(error?.code == .certificate)
      #expect(error?.description.contains(file) == true)
    }
  }

  @Test("the server does not listen on a public address without a key, unless this is allowed")
  func noKeys() async throws {
    try await ServerFixture.with { fixture in
      for (host, names) in [("0.0.0.0", []), ("127.0.0.1", ["stats.example.org"])] {
        var configuration = ReportServerConfiguration()
        configuration.host = host
        configuration.port = 0
        configuration.hostNames = names
        let server = ReportServer(
          try AnalyticsDatabase(url: fixture.url), configuration, logger: silentLogger)
        let error = await #expect(throws: ReportServerError.self) { try await server.run() }
        #expect(error?.code == .noKeys && error?.description.contains("analytics keys") == true)
      }
    }
  }

  @Test(
    "the server listens on a public address with a key or if allowed; it ends on request"
  )
  func listens() async throws {
    try await ServerFixture.with { fixture in
      _ = try await fixture.key(.read)
      for access in [ReportServerConfiguration.Access.automatic, .anonymous] {
        var configuration = ReportServerConfiguration()
        configuration.host = "0.0.0.0"
        configuration.port = 0
        configuration.access = access
        let (running, signal) = AsyncStream.makeStream(of: String.self)
        let server = ReportServer(
          try AnalyticsDatabase(url: fixture.url), configuration, logger: silentLogger
        ) { signal.yield($0) }
        let group = ServiceGroup(services: [server], logger: silentLogger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          tasks.addTask { try await group.run() }
          let url = await running.first { _ in true }
          #expect(url?.hasPrefix("http://0.0.0.0:") == true)
          await group.triggerGracefulShutdown()
          try await tasks.waitForAll()
        }
      }
    }
  }
}
