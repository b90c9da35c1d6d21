internal import AnalyticsText
internal import HTTPTypes
internal import NIOCore
internal import Synchronization

/// Caches reports of ranges that have ended for a short time, since many people look at the same
/// page.
///
/// No signal says when late events or an erasure change such a report, so a body is reused for
/// `age` and then computed again. Its tag is a hash of its content: it stays the same while the
/// figures do, and changes with them.
final class AnswerCache: Sendable {
  /// A computed answer.
  struct Entry: Sendable {
    var body: Body
    /// The ETag; `nil` for an answer that must not be cached, because its range has not ended.
    var tag: String?
    var headers: HTTPFields
    fileprivate var at: ContinuousClock.Instant?

    /// Creates an answer that must not be cached.
    init(body: Body, headers: HTTPFields) {
      self.init(body: body, tag: nil, headers: headers, at: nil)
    }

    fileprivate init(
      body: Body, tag: String?, headers: HTTPFields, at instant: ContinuousClock.Instant?
    ) {
      self.body = body
      self.tag = tag
      self.headers = headers
      at = instant
    }
  }

  private struct State {
    var entries: [ExactString: Entry] = [:]
    /// The sum of the entries' costs.
    var bytes = 0
  }

  private static let entriesMax = 2000

  private let age: Duration
  private let bytesMax: Int
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  init(
    age: Duration, bytesMax: Int, instant: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.age = age
    self.bytesMax = bytesMax
    self.instant = instant
  }

  subscript(key: ExactString) -> Entry? {
    let now = instant()
    guard let entry = state.withLock({ $0.entries[key] }), isNew(entry, now) else { return nil }
    return entry
  }

  /// Stores an answer, unless it would exceed the memory limit.
  func keep(_ key: ExactString, _ body: Body, tag: String, headers: HTTPFields) -> Entry {
    let now = instant()
    let entry = Entry(body: body, tag: tag, headers: headers, at: now)
    state.withLock { state in
      if let old = state.entries.removeValue(forKey: key) { state.bytes -= old.cost }
      if state.bytes + entry.cost > bytesMax || state.entries.count >= Self.entriesMax {
        state.entries = state.entries.filter { isNew($0.value, now) }
        state.bytes = state.entries.values.reduce(0) { $0 + $1.cost }
      }
      guard state.bytes + entry.cost <= bytesMax, state.entries.count < Self.entriesMax else {
        return
      }
      state.entries[key] = entry
      state.bytes += entry.cost
    }
    return entry
  }

  private func isNew(_ entry: Entry, _ now: ContinuousClock.Instant) -> Bool {
    entry.at.map { $0.duration(to: now) < age } ?? false
  }
}

extension AnswerCache.Entry {
  /// The compressed body is made later and is smaller than the plain one, so as much again is
  /// reserved for it, with an allowance for the key and the headers.
  fileprivate var cost: Int { body.plain.readableBytes * 2 + 1000 }
}
