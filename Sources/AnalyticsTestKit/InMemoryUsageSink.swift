public import Analytics
import Synchronization

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Keeps usage in memory, so that a test can look at it. Like a database it adds each delta once.
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

  /// Makes an empty sink.
  public init() {}

  /// What was added of a kind, over all replicas.
  public subscript(kind: UsageKind) -> UsageTotals {
    state.withLock { $0.totals[kind.name] ?? UsageTotals() }
  }

  /// The instances that were registered, in the order of their arrival, also again.
  public var clients: [ClientSighting] { state.withLock { $0.clients } }

  /// How many deltas were added, and flushes of instances.
  public var writes: Int { state.withLock { $0.writes } }

  /// Makes the next write fail.
  ///
  /// - Parameter isStored: Whether its delta is added all the same, as where a COMMIT's answer is lost.
  public func fail(with error: EventSinkError, isStored: Bool = false) {
    state.withLock { $0.failures.append((error, isStored)) }
  }

  /// From now on runs `gate` at the start of each write.
  public func hold(_ gate: (@Sendable () async -> Void)?) { state.withLock { $0.gate = gate } }

  /// Forgets what was added, as a new period does; not which deltas there were.
  public func reset() { state.withLock { $0.totals = [:] } }

  /// Adds the delta, unless it was added before, or throws what the test has asked for.
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

  /// Keeps the instances, or throws what the test has asked for.
  public func register(_ sightings: [ClientSighting]) async throws(EventSinkError) {
    try state.withLock { state throws(EventSinkError) in
      let failure = state.failures.isEmpty ? nil : state.failures.removeFirst()
      if let failure { throw failure.error }
      state.writes += 1
      state.clients += sightings
    }
  }
}

/// What was added of one kind.
public struct UsageTotals: Sendable, Hashable {
  /// Sums by the counter's name.
  public private(set) var counters: [String: Int64] = [:]
  /// Distinct members by the set's name.
  public private(set) var sets: [String: Set<UsageMember>] = [:]

  mutating func add(_ kind: UsageDelta.Kind) {
    for counter in kind.counters { counters[counter.name, default: 0] += counter.value }
    for set in kind.sets {
      sets[set.name, default: []].formUnion(set.ids.map(UsageMember.id))
      sets[set.name, default: []].formUnion(set.texts.map(UsageMember.text))
    }
  }
}
