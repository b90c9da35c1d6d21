import AnalyticsText

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The usage that one replica tracked between two flushes. A sink adds it to its totals exactly
/// once.
public struct UsageDelta: Sendable, Hashable {
  /// The usage of one kind.
  public struct Kind: Sendable, Hashable {
    /// The kind's name.
    public var name: String
    /// All counters of the kind, including those that are 0.
    public var counters: [Counter]
    /// All sets of the kind, including empty ones.
    public var sets: [Members]
  }

  /// The increase of a counter.
  public struct Counter: Sendable, Hashable {
    /// The counter's name.
    public var name: String
    /// The increase since the last flush.
    public var value: Int64
  }

  /// The distinct members of a set.
  public struct Members: Sendable, Hashable {
    /// The set's name.
    public var name: String
    /// The members that are UUIDs, in no particular order.
    public var ids: [UUID]
    /// The members that are strings, in no particular order.
    public var texts: [String]
  }

  /// The id of the tracker.
  public var replicaID: UUID
  /// The number of the delta within its replica: 1, 2, … A sink that has a delta of this replica
  /// with this or a higher number already has this one.
  public var sequence: Int64
  /// The time of the previous flush, by this process's clock. All of the usage was tracked after
  /// it.
  public var since: EventTimestamp
  /// The kinds that were tracked since the last flush.
  public var kinds: [Kind]

  init(
    _ tally: UsageTally, _ layout: UsageLayout, replicaID: UUID, sequence: Int64,
    since: EventTimestamp
  ) {
    self.replicaID = replicaID
    self.sequence = sequence
    self.since = since
    kinds = layout.kinds.enumerated().compactMap { place, kind in
      guard tally.touched & 1 << UInt64(place) != 0 else { return nil }
      let counters = tally.counters[layout.firstCounters[place]...]
      let sets = tally.sets[layout.firstSets[place]...]
      return Kind(
        name: kind.name,
        counters: zip(kind.counters, counters).map { Counter(name: $0, value: $1) },
        sets: zip(kind.sets, sets).map {
          Members(name: $0, ids: $1.ids.ids, texts: $1.texts.map(\.text))
        })
    }
  }
}

/// A destination for usage: a database, or memory in a test.
public protocol UsageSink: Sendable {
  /// Adds a whole delta or nothing. A delta that was already added is ignored.
  ///
  /// A tracker makes one call at a time, in the order of the sequence numbers. After an error the
  /// same delta comes again with the same number until a call succeeds, even if it was added
  /// despite the error. The method must return soon after its task is cancelled.
  ///
  /// - Throws: ``EventSinkError``, whose description is logged.
  func write(_ delta: UsageDelta) async throws(EventSinkError)
}
