import Analytics
import AnalyticsConnections
import AnalyticsStore
import AnalyticsText
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Entity tags of ended ranges", .timeLimit(.minutes(60)))
struct ClosedRangeTests {
  private static let closed = "/api/v1/reports/active-users?from=2026-05-20&to=2026-05-28"

  @Test("a client that has the current answer gets 304")
  func notModified() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let first = try await client.get(Self.closed)
        let tag = try #require(first.headers[.eTag])
        #expect(first.headers[.cacheControl] == "private, no-cache")
        for given in [tag, "\"other\", \(tag)", "*", String(tag.dropFirst(2))] {
          let again = try await client.get(Self.closed, [.ifNoneMatch: given])
          #expect(again.status == .notModified, "\(given)")
          #expect(again.headers[.eTag] == tag && again.data.count == 0)
        }
        let other = try await client.get(Self.closed, [.ifNoneMatch: "\"other\""])
        #expect(other.status == .ok && other.text == first.text)
        // The compressed answer has the same tag.
        let compressed = try await client.get(Self.closed, [.acceptEncoding: "gzip"])
        #expect(compressed.headers[.eTag] == tag)
        let csv = try await client.get(Self.closed, [.accept: "text/csv"])
        #expect(csv.headers[.eTag] != nil && csv.headers[.eTag] != tag)
      }
    }
  }

  @Test("a range that has not ended has no tag, and is not cached")
  func open() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for path in ["/overview", "/users/daily", "/api/v1/reports/tasks"] {
          let answer = try await client.get(path)
          #expect(answer.status == .ok && answer.headers[.eTag] == nil, "\(path)")
          #expect(answer.headers[.cacheControl] == "no-store")
        }
      }
    }
  }

  @Test("the tag changes only with a late event or an erasure")
  func changes() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let age = ReportServerLimits().cacheAge
        let first = try await client.get(Self.closed)
        // An event of today is outside the range.
        try await fixture.store([
          .ago(60, .projectUpdated(projectID: SomeEvents.ada, userID: SomeEvents.ada))
        ])
        fixture.clock.advance(by: age)
        let same = try await client.get(Self.closed)
        #expect(same.headers[.eTag] == first.headers[.eTag])
        // A late event is in the range.
        try await fixture.store([
          .ago(
            5 * 86_400, .projectUpdated(projectID: SomeEvents.ada, userID: SomeEvents.ada))
        ])
        let stale = try await client.get(Self.closed)
        #expect(stale.headers[.eTag] == first.headers[.eTag], "cached for a while")
        fixture.clock.advance(by: age)
        let late = try await client.get(
          Self.closed, [.ifNoneMatch: first.headers[.eTag] ?? ""])
        #expect(late.status == .ok && late.headers[.eTag] != first.headers[.eTag])
        let erasure = try UserErasure(AnalyticsDatabase(url: fixture.url))
        _ = try await erasure.erase(SomeEvents.ben)
        fixture.clock.advance(by: age)
        let erased = try await client.get(
          Self.closed, [.ifNoneMatch: late.headers[.eTag] ?? ""])
        #expect(erased.status == .ok && erased.headers[.eTag] != late.headers[.eTag])
      }
    }
  }

  @Test("the cache is bounded")
  func bounded() throws {
    let clock = TestClock()
    let cache = AnswerCache(
      age: .seconds(2), bytesMax: 10_000, instant: clock.serverClock.instant)
    for number in 0..<20 {
      _ = cache.keep(
        "\(number)", Body([UInt8](repeating: 0, count: 1000), type: ""), tag: "", headers: [:])
    }
    #expect((0..<20).filter { cache["\($0)"] != nil }.count == 3)
    clock.advance(by: .seconds(2))
    #expect((0..<20).allSatisfy { cache["\($0)"] == nil })
    _ = cache.keep("new", Body([], type: ""), tag: "", headers: [:])
    #expect(cache["new"] != nil)
  }
}
