import Analytics
import AnalyticsConnections
import AnalyticsReports
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import AnalyticsServer

@Suite("The live page", .timeLimit(.minutes(60)))
struct LiveTests {
  @Test("receives events soon after they are stored, each once")
  func events() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve(.live) { client in
        let port = try #require(client.client.port)
        let raw = try await RawClient.connect(port: port)
        try await raw.send("GET /dashboard/live/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await raw.said("\n:\n")
        // The page shows current events by the server's clock, not by the test's clock.
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

  @Test("is refused while the maximum of pages is open, and answered after one of them closes")
  func limit() async throws {
    let live = LiveEvents(
      facts: EventFacts(database: ReportDatabase(try AnalyticsDatabase(url: nowhere))),
      watchersMax: 1)
    // Both streams are admitted before either is written.
    let (first, second) = (try live.stream(), try live.stream())
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (written, writer) = Writer.make()
      group.addTask { try await first.write(writer) }
      _ = await written.first { _ in true }
      let refused = #expect(throws: Problem.self) { try live.stream() }
      #expect(refused?.status == .serviceUnavailable)
      #expect(refused?.detail == "1 page watches already")
      let (nothing, other) = Writer.make()
      try await second.write(other)
      #expect(await nothing.first { _ in true } == nil)
      group.cancelAll()
      while (try? await group.next()) != nil {}
    }
    _ = try live.stream()
  }
}

/// Passes on the written bytes.
private struct Writer: ResponseBodyWriter {
  private let parts: AsyncStream<ByteBuffer>.Continuation

  static func make() -> (written: AsyncStream<ByteBuffer>, writer: Writer) {
    let (written, parts) = AsyncStream<ByteBuffer>.makeStream()
    return (written, Writer(parts: parts))
  }

  @concurrent func write(_ buffer: ByteBuffer) async throws { parts.yield(buffer) }

  @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws { parts.finish() }
}

extension LiveEvents {
  /// The body of the answer to a page that is authorized.
  fileprivate func stream() throws -> ResponseBody {
    guard case .stream(let body) = try answer(readmit: {}).body else {
      throw Problem(.internalServerError, "the answer is no stream")
    }
    return body
  }
}
