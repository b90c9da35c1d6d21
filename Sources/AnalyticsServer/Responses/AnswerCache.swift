internal import AnalyticsText
internal import HTTPTypes
internal import NIOCore
internal import Synchronization

/// Bodies of reports of closed ranges, for a moment: many people look at the same page.
///
/// Nothing tells when late events or an erasure change such a report, so a body is believed for
/// `age` and then made again. Its tag is a hash of what it says: it stays as long as the figures do,
/// and changes with them.
final class AnswerCache: Sendable {
  /// An answer that was made.
  struct Entry: Sendable {
    var body: Body
    /// `nil` for one that nobody may keep, since it is not about a range that is over.
    var tag: String?
    var headers: HTTPFields
    fileprivate var at: ContinuousClock.Instant?

    /// One that nobody may keep.
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
    /// Of plain bodies.
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

  /// Keeps an answer, unless that needs more memory than there may be.
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
  /// The compressed form comes later and is smaller; so much is set aside for it, and for the key.
  fileprivate var cost: Int { body.plain.readableBytes * 2 + 1000 }
}
