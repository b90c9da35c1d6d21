internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// Streams new events to pages, as server-sent events.
///
/// While at least one page watches, the database is asked for its newest rows once a second,
/// however many pages watch. There is no trigger and no NOTIFY, so ingestion has no extra cost.
final class LiveEvents: Sendable {
  private static let interval: Duration = .seconds(1)

  private let newest: NewestEvents
  private let watchersMax: Int
  private let watchers = Mutex(0)

  /// - Parameter watchersMax: Further pages are refused with status 503.
  init(facts: EventFacts, watchersMax: Int = 100) {
    newest = NewestEvents(facts: facts)
    self.watchersMax = watchersMax
  }

  /// An answer that continues until the client or the server ends it.
  ///
  /// - Parameter readmit: Throws once the client is no longer authorized, which ends the answer as
  ///   well.
  func answer(readmit: @escaping @Sendable () async throws -> Void) throws(Problem) -> Answer {
    // Here the status can still be 503. The page is counted only when its answer is written,
    // because an answer that is never written would never be counted down.
    guard watchers.withLock({ $0 < watchersMax }) else {
      throw .unavailable(watchersMax.counted("page watches", "pages watch") + " already")
    }
    let body = ResponseBody { [self] writer in
      let isCounted = watchers.withLock { count in
        guard count < watchersMax else { return false }
        count += 1
        return true
      }
      // Others may have begun since: then this answer ends, and the page tries again.
      guard isCounted else { return try await writer.finish(nil) }
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
          // A comment line: the write fails if the client has disconnected, and proxies see that
          // the connection is in use.
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

  private static func text(_ event: EventFacts.Event) -> String {
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

/// The newest events, queried once for all pages that watch.
private actor NewestEvents {
  private let facts: EventFacts
  private var events: [EventFacts.Event]?
  private var askedAt: ContinuousClock.Instant?
  private var question: Task<Void, Never>?

  init(facts: EventFacts) { self.facts = facts }

  /// Returns the last result without waiting for the database: a slow database must not delay the
  /// end of a stream.
  ///
  /// - Parameter age: If the last query is older, a new one is started, whose result a later call
  ///   returns.
  /// - Returns: `nil` until the first query has succeeded.
  func events(atMost age: Duration) -> [EventFacts.Event]? {
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
