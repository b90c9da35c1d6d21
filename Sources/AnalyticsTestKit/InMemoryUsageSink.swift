public import Analytics
import Synchronization

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A sink that keeps usage in memory, so that a test can inspect it. Like a database, it adds each
/// delta once.
public final class InMemoryUsageSink: UsageSink, ClientApplicationSink {
  private let state = Mutex(State())

  private struct State {
    var totals: [String: UsageTotals] = [:]
    var sequences: [UUID: Int64] = [:]
    var writes = 0
    var clients: [ClientSighting] = []
    var failures: [(error: EventSinkError, isStored: Bool)] = []
    var gate: (@Sendable () async -> Void)?
  }

  /// Creates an empty sink.
  public init() {}

  /// The usage of a kind that was added over all replicas.
  public subscript(kind: UsageKind) -> UsageTotals {
    state.withLock { $0.totals[kind.name] ?? UsageTotals() }
  }

  /// The registered instances, in the order of arrival. Repeated registrations are included.
  public var clients: [ClientSighting] { state.withLock { $0.clients } }

  /// The number of successful writes: of deltas, and of instances.
  public var writes: Int { state.withLock { $0.writes } }

  /// Makes the next write fail.
  ///
  /// - Parameter isStored: Whether the delta is added despite the error, as if the answer to COMMIT
  ///   was lost.
  public func fail(with error: EventSinkError, isStored: Bool = false) {
    state.withLock { $0.failures.append((error, isStored)) }
  }

  /// Runs `gate` at the start of each write of a delta from now on; `nil` removes it.
  public func hold(_ gate: (@Sendable () async -> Void)?) { state.withLock { $0.gate = gate } }

  /// Resets all totals, like a new period. Deltas that were added are still recognised.
  public func reset() { state.withLock { $0.totals = [:] } }

  /// Adds the delta unless it was already added, or throws the error that the test requested.
  public func write(_ delta: UsageDelta) async throws(EventSinkError) {
    await state.withLock { $0.gate }?()
    try state.withLock { state throws(EventSinkError) in
      let failure = state.failures.isEmpty ? nil : state.failures.removeFirst()
      if failure?.isStored ?? true, state.sequences[delta.replicaID, default: 0] < delta.sequence {
        state.sequences[delta.replicaID] = delta.sequence
        state.writes += 1
        for kind in delta.kinds { state.totals[kind.name, default: UsageTotals()].add(kind) }
      }
      if let failure { throw failure.error }
    }
  }

  /// Stores the instances, or throws the error that the test requested.
  public func register(_ sightings: [ClientSighting]) async throws(EventSinkError) {
    try state.withLock { state throws(EventSinkError) in
      let failure = state.failures.isEmpty ? nil : state.failures.removeFirst()
      if let failure { throw failure.error }
      state.writes += 1
      state.clients += sightings
    }
  }
}

/// The total usage of one kind.
public struct UsageTotals: Sendable, Hashable {
  /// The sums by counter name.
  public private(set) var counters: [String: Int64] = [:]
  /// The distinct members by set name.
  public private(set) var sets: [String: Set<UsageMember>] = [:]

  mutating func add(_ kind: UsageDelta.Kind) {
    for counter in kind.counters { counters[counter.name, default: 0] += counter.value }
    for set in kind.sets {
      sets[set.name, default: []].formUnion(set.ids.map(UsageMember.id))
      sets[set.name, default: []].formUnion(set.texts.map(UsageMember.text))
    }
  }
}
