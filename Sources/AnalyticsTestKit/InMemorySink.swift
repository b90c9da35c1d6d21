public import Analytics
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A sink that keeps events in memory, so that a test can inspect them.
///
/// ```swift
/// let sink = InMemorySink()
/// let analytics = try AnalyticsClient(.testing(), sink: sink)
/// ```
public final class InMemorySink: EventSink {
  /// The destination's name, by default `memory`.
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

  /// Creates an empty sink.
  public init(destination: String = "memory") {
    self.destination = destination
  }

  /// The stored events, in the order of arrival.
  public var events: [StoredEvent] { state.withLock { $0.events } }

  /// The refused events that became dead letters, in the order of arrival.
  public var deadLetters: [StoredEvent] { state.withLock { $0.deadLetters } }

  /// The number of rows of each batch that was stored.
  public var batches: [Int] { state.withLock { $0.batches } }

  /// Makes the next writes fail, one for each error, before anything is stored.
  public func fail(with errors: EventSinkError...) {
    state.withLock { $0.failures += errors }
  }

  /// Refuses, from now on, every batch that contains an event for which `isRefused` returns true.
  public func refuse(_ isRefused: @escaping @Sendable (StoredEvent) -> Bool) {
    state.withLock { $0.fails = isRefused }
  }

  /// Stores the batch, or throws the error that the test requested.
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
      // Rows that an attempt with a lost answer has stored count as stored by this one.
      if batch.mayBeStored { return EventReceipt(stored: events.count) }
      return EventReceipt(stored: new.count, duplicates: events.count - new.count)
    }
  }

  /// Adds the row to ``deadLetters``, unless it is already there.
  public func deadLetter(
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
