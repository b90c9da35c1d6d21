internal import AnalyticsReports
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// New events for whoever watches, as server-sent events.
///
/// The database is asked for its newest rows once a second while anybody watches, however many do. No
/// trigger and no NOTIFY: ingest pays nothing for it.
final class LiveEvents: Sendable {
  private static let interval: Duration = .seconds(1)
  /// Others are told to come back later.
  private static let watchersMax = 100

  private let newest: NewestEvents
  private let watchers = Mutex(0)

  init(facts: DashboardFacts) { newest = NewestEvents(facts: facts) }

  /// An answer that goes on until the client, or the server, ends it.
  ///
  /// - Parameter readmit: Throws once the client may not see more; that is an end, too.
  func answer(readmit: @escaping @Sendable () async throws -> Void) throws(Problem) -> Answer {
    guard watchers.withLock({ $0 < Self.watchersMax }) else {
      throw .unavailable("\(Self.watchersMax) pages watch already")
    }
    let body = ResponseBody { [self] writer in
      watchers.withLock { $0 += 1 }
      defer { watchers.withLock { $0 -= 1 } }
      try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
      var seen: Set<UUID>?
      while !Task.isCancelled, !Task.isShuttingDownGracefully, (try? await readmit()) != nil {
        if let events = await newest.events(atMost: Self.interval) {
          let known = seen ?? Set(events.map(\.id))
          for event in events.reversed() where !known.contains(event.id) {
            try await writer.write(ByteBuffer(string: Self.text(event)))
          }
          seen = Set(events.map(\.id))
          // Tells whether the client is there, and proxies that silence is no end.
          try await writer.write(ByteBuffer(string: ":\n\n"))
        }
        try await Task.sleep(for: Self.interval)
      }
      try await writer.finish(nil)
    }
    return Answer(
      body: .stream(body),
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"])
  }

  private static func text(_ event: DashboardFacts.Event) -> String {
    var members: [(String, JSON)] = [
      ("time", .string(event.time.text(in: .gmt))), ("type", .string(event.type)),
      ("service", .string(event.service)), ("data", .string(event.data)),
    ]
    if let user = event.user { members.append(("user", .string(user))) }
    var writer = JSONWriter()
    writer.write(.object(members))
    return "data: \(String(decoding: writer.bytes, as: UTF8.self))\n\n"
  }
}

/// The newest events, asked for once however many want them.
private actor NewestEvents {
  private let facts: DashboardFacts
  private var events: [DashboardFacts.Event]?
  private var askedAt: ContinuousClock.Instant?
  private var question: Task<Void, Never>?

  init(facts: DashboardFacts) { self.facts = facts }

  /// Waits for nobody: a database that is slow must not keep a stream from its end.
  ///
  /// - Parameter age: When they are older, newer ones are asked for, which the next round then has.
  /// - Returns: `nil` as long as the database has not answered once.
  func events(atMost age: Duration) -> [DashboardFacts.Event]? {
    let now = ContinuousClock.now
    if question == nil, askedAt.map({ now - $0 >= age * 0.9 }) ?? true {
      askedAt = now
      question = Task { await ask() }
    }
    return events
  }

  private func ask() async {
    if let newer = try? await facts.newestEvents(since: Date(timeIntervalSinceNow: -600)) {
      events = newer
    }
    question = nil
  }
}
