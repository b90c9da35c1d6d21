import AnalyticsText
import CAnalyticsPlatform
import Metrics
import Synchronization

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Counts, in memory, what is too frequent for events. A ``UsageWorker`` flushes the counts to a
/// sink.
///
/// ```swift
/// let usage = UsageTracker(sink: PostgresUsageSink(database))
/// let worker = UsageWorker(usage)
///
/// usage.track(workspaceID: workspace.id, ownerID: workspace.ownerID, allowed: 1)
/// ```
///
/// Sums and numbers of distinct members are exact over all replicas that share a database. If the
/// process dies, everything tracked since the last flush is lost: that is the trade-off against
/// events.
public final class UsageTracker: Sendable {
  /// The id of this tracker among all replicas. Each tracker needs a new one.
  public let replicaID: UUID
  /// The largest number of members that are kept between two flushes, over all sets, including
  /// those of a failed flush. A member that is seen on several processors may count several times.
  public let membersMax: Int

  private let layout: UsageLayout
  private let sink: any UsageSink
  private let now: @Sendable () -> EventTimestamp
  private let stripes: [Stripe]
  /// The stripes as unretained references: `track` finds its stripe without reference counting. The
  /// count is a power of two.
  ///
  /// `nonisolated(unsafe)` is safe because the memory is written only in `init` and freed only in
  /// `deinit`, and `stripes` keeps the objects alive.
  nonisolated(unsafe) private let lanes: UnsafeMutableBufferPointer<Unmanaged<Stripe>>
  private let members = Atomic(0)
  private let droppedCount = Atomic(0)
  private let droppedMetric = Counter(label: "analytics_usage_dropped_total")
  private let flushState: Mutex<FlushState>
  /// The last requested flush. Flushes run one after another.
  private let lastFlush = Mutex<Task<Void, any Error>?>(nil)

  private final class Stripe: Sendable {
    let tally: Mutex<UsageTally>
    init(_ tally: UsageTally) { self.tally = Mutex(tally) }
  }

  private struct FlushState {
    var sequence: Int64 = 0
    var since: EventTimestamp
    /// The delta that was given to the sink and is not confirmed yet.
    var unsettled: UsageDelta?
    var unsettledMembers = 0
    var droppedReported = 0
  }

  /// Creates a tracker.
  ///
  /// - Parameters:
  ///   - kinds: Further kinds to track; ``UsageKind/boundary`` is always included.
  ///   - membersMax: See ``membersMax``. 1 or more.
  ///   - replicaID: See ``replicaID``.
  ///   - now: Replaces the wall clock in tests; `nil` uses the system's clock.
  /// - Precondition: At most 63 kinds, with distinct names other than `boundary`.
  public init(
    kinds: [UsageKind] = [], membersMax: Int = 1_000_000, replicaID: UUID = UUID(),
    sink: any UsageSink, now: (@Sendable () -> EventTimestamp)? = nil
  ) {
    let layout = UsageLayout([.boundary] + kinds)
    precondition(membersMax >= 1, "membersMax must be 1 or more")
    self.layout = layout
    self.membersMax = membersMax
    self.replicaID = replicaID
    self.sink = sink
    self.now = now ?? { Machine.now() }
    let stripeCount = Machine.processorCount > 2 ? 4 : Machine.processorCount
    stripes = (0..<stripeCount).map { _ in Stripe(UsageTally(layout)) }
    lanes = .allocate(capacity: stripeCount)
    _ = lanes.initialize(from: stripes.map(Unmanaged.passUnretained))
    flushState = Mutex(FlushState(since: self.now()))
  }

  deinit { lanes.deallocate() }

  /// The number of times that something was dropped: a member beyond ``membersMax``, a string that
  /// is not a valid member, or an undeclared kind, counter or set.
  public var dropped: Int { droppedCount.load(ordering: .relaxed) }
}

// MARK: - Tracking

extension UsageTracker {
  /// Counts requests of a workspace and its owner, as ``UsageKind/boundary``.
  ///
  /// Never throws, never awaits and never waits for the database. Negative numbers count as 0.
  /// Between two flushes a counter rises to 9 × 10¹⁵ at most, and stays there.
  public func track(workspaceID: UUID, ownerID: UUID, allowed: Int = 0, denied: Int = 0) {
    let workspace = IDTable.Bits(workspaceID)
    let owner = IDTable.Bits(ownerID)
    withTally { tally in
      tally.touched |= 1
      tally.count(allowed, at: 0)
      tally.count(denied, at: 1)
      insert(workspace, into: 0, of: &tally)
      insert(owner, into: 1, of: &tally)
    }
  }

  /// Counts usage of one of the tracker's kinds.
  ///
  /// ```swift
  /// usage.track(.search, counts: ["queries": 1], members: ["users": .id(user.id)])
  /// ```
  ///
  /// Never throws, never awaits and never waits for the database. Negative numbers count as 0.
  /// Between two flushes a counter rises to 9 × 10¹⁵ at most, and stays there. Kinds, counters and
  /// sets that the tracker does not have count as ``dropped``.
  public func track(
    _ kind: UsageKind, counts: KeyValuePairs<String, Int> = [:],
    members: KeyValuePairs<String, UsageMember> = [:]
  ) {
    guard let place = layout.kinds.firstIndex(where: { $0.name.isSame(as: kind.name) }) else {
      drop()
      return
    }
    let declared = layout.kinds[place]
    withTally { tally in
      tally.touched |= 1 << UInt64(place)
      for (name, value) in counts {
        guard let counter = declared.counters.firstIndex(where: name.isSame) else {
          drop()
          continue
        }
        tally.count(value, at: layout.firstCounters[place] + counter)
      }
      for (name, member) in members {
        guard let index = declared.sets.firstIndex(where: name.isSame) else {
          drop()
          continue
        }
        let set = layout.firstSets[place] + index
        switch member {
        case .id(let id): insert(IDTable.Bits(id), into: set, of: &tally)
        case .text(let text): insert(ExactString(text), into: set, of: &tally)
        }
      }
    }
  }

  /// Everything of one call goes into one stripe, so that no flush divides it.
  @inline(__always)
  private func withTally(_ body: (inout UsageTally) -> Void) {
    let first = Int(analytics_lane())
    for lane in first..<first + lanes.count {
      let isDone = lanes[lane & (lanes.count - 1)]._withUnsafeGuaranteedRef { stripe in
        stripe.tally.withLockIfAvailable { body(&$0) } != nil
      }
      if isDone { return }
    }
    stripes[first & (lanes.count - 1)].tally.withLock { body(&$0) }
  }

  @inline(__always)
  private func insert(_ bits: IDTable.Bits, into set: Int, of tally: inout UsageTally) {
    if tally.sets[set].ids.contains(bits) { return }
    if takeRoom() { tally.sets[set].ids.insertNew(bits) }
  }

  private func insert(_ member: ExactString, into set: Int, of tally: inout UsageTally) {
    if tally.sets[set].texts.contains(member) { return }
    guard (1...Self.textBytesMax).contains(member.text.utf8.count), !member.text.has("\0") else {
      drop()
      return
    }
    if takeRoom() { tally.sets[set].texts.insert(member) }
  }

  /// PostgreSQL limits index entries to 2,700 bytes.
  private static let textBytesMax = 200

  private func takeRoom() -> Bool {
    if members.add(1, ordering: .relaxed).newValue <= membersMax { return true }
    members.subtract(1, ordering: .relaxed)
    drop()
    return false
  }

  private func drop() { droppedCount.add(1, ordering: .relaxed) }
}

// MARK: - Flushing

extension UsageTracker {
  /// Writes the tracked usage to the sink, and returns once it is stored. Does nothing if there is
  /// none.
  ///
  /// Usage that is tracked meanwhile belongs to the next flush. A delta that could not be written
  /// is kept unchanged and goes first in the next flush: by its sequence number, the sink
  /// recognises whether it was stored after all.
  ///
  /// - Throws: The sink's ``EventSinkError``; `CancellationError`.
  public func flush() async throws {
    let flush = lastFlush.withLock { lastFlush in
      let flush = Task { [before = lastFlush] in
        _ = await before?.result
        try Task.checkCancellation()
        try await flushNow()
      }
      lastFlush = flush
      return flush
    }
    try await withTaskCancellationHandler {
      try await flush.value
    } onCancel: {
      flush.cancel()
    }
  }

  private func flushNow() async throws {
    reportDropped()
    try await writeUnsettled()
    let tally = takeTally()
    guard tally.touched != 0 else { return }
    flushState.withLock { state in
      state.sequence += 1
      state.unsettled = UsageDelta(
        tally, layout, replicaID: replicaID, sequence: state.sequence, since: state.since)
      state.unsettledMembers = tally.memberCount
      state.since = now()
    }
    try await writeUnsettled()
  }

  private func writeUnsettled() async throws {
    guard let delta = flushState.withLock({ $0.unsettled }) else { return }
    try await sink.write(delta)
    let count = flushState.withLock { state in
      state.unsettled = nil
      defer { state.unsettledMembers = 0 }
      return state.unsettledMembers
    }
    members.subtract(count, ordering: .relaxed)
  }

  private func takeTally() -> UsageTally {
    var taken: [UsageTally] = []
    for stripe in stripes {
      let fresh = UsageTally(layout)
      taken.append(
        stripe.tally.withLock { tally in
          defer { tally = fresh }
          return tally
        })
    }
    let kept = taken.reduce(0) { $0 + $1.memberCount }
    var sum = taken.removeFirst()
    for tally in taken { sum.add(tally) }
    // Members that several stripes had are counted only once from here on.
    members.subtract(kept - sum.memberCount, ordering: .relaxed)
    return sum
  }

  private func reportDropped() {
    let dropped = dropped
    droppedMetric.increment(
      by: flushState.withLock { state in
        defer { state.droppedReported = dropped }
        return dropped - state.droppedReported
      })
  }
}
