public import Analytics
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Keeps what is stored in memory, so that a test can look at it.
///
/// ```swift
/// let sink = InMemorySink()
/// let analytics = try AnalyticsClient(.testing(), sink: sink)
/// ```
public final class InMemorySink: EventSink {
  /// `memory`, unless given.
  public let destination: String
  private let state = Mutex(State())

  private struct State {
    var events: [StoredEvent] = []
    var keys: Set<Key> = []
    var batches: [Int] = []
    var failures: [EventSinkError] = []
    var deadLetters: [StoredEvent] = []
    var fails: (@Sendable (StoredEvent) -> Bool)?
  }

  private struct Key: Hashable {
    let timestamp: EventTimestamp
    let id: UUID
  }

  /// Makes an empty sink.
  public init(destination: String = "memory") {
    self.destination = destination
  }

  /// What is stored, in the order of its arrival.
  public var events: [StoredEvent] { state.withLock { $0.events } }

  /// What was refused and set aside, in the order of its arrival.
  public var deadLetters: [StoredEvent] { state.withLock { $0.deadLetters } }

  /// The number of rows in each batch that was stored.
  public var batches: [Int] { state.withLock { $0.batches } }

  /// Makes the next writes fail, one with each error, before anything is stored.
  public func fail(with errors: EventSinkError...) {
    state.withLock { $0.failures += errors }
  }

  /// From now on refuses batches with an event for which this is true.
  public func refuse(_ isRefused: @escaping @Sendable (StoredEvent) -> Bool) {
    state.withLock { $0.fails = isRefused }
  }

  /// Stores the batch, or throws what the test has asked for.
  public func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    var events: [StoredEvent] = []
    batch.forEachRow { events.append(StoredEvent($0)) }
    return try state.withLock { state throws(EventSinkError) in
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      if let fails = state.fails, events.contains(where: fails) {
        throw EventSinkError(.refused, "the test refuses an event")
      }
      let new = events.filter {
        state.keys.insert(Key(timestamp: $0.timestamp, id: $0.id)).inserted
      }
      state.events += new
      state.batches.append(events.count)
      // What an attempt with a lost answer has stored counts as stored by this one.
      if batch.mayBeStored { return EventReceipt(stored: events.count) }
      return EventReceipt(stored: new.count, duplicates: events.count - new.count)
    }
  }

  /// Keeps the row among the ``deadLetters``, once.
  public func setAside(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    row.forEachRow { row in
      let event = StoredEvent(row)
      state.withLock { state in
        if !state.deadLetters.contains(event) { state.deadLetters.append(event) }
      }
    }
  }
}
