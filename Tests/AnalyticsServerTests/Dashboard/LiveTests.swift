import Analytics
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("The live page", .timeLimit(.minutes(60)))
struct LiveTests {
  @Test("gets events soon after they are stored, each once")
  func events() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve(.live) { client in
        let port = try #require(client.client.port)
        let raw = try await RawClient.connect(port: port)
        try await raw.send("GET /dashboard/live/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await raw.said("\n:\n")
        // By the server's clock, not the test's: the page shows what happens at this moment.
        let names = ["ping", "pong", "last"]
        for name in names {
          try await fixture.store([SomeEvents.now(name)])
          try await raw.said(name)
        }
        try await raw.close()
        let text = try await raw.ended()
        for name in names {
          #expect(text.split(separator: name).count == 2, "\(text)")
        }
      }
    }
  }
}
