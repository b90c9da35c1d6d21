import AnalyticsText

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// What one replica has tracked between two flushes. It is added to what is there, once.
public struct UsageDelta: Sendable, Hashable {
  /// One kind's part.
  public struct Kind: Sendable, Hashable {
    /// The kind's name.
    public var name: String
    /// All its counters, those that stand at 0 too.
    public var counters: [Counter]
    /// All its sets, also without members.
    public var sets: [Members]
  }

  /// How much a counter has risen.
  public struct Counter: Sendable, Hashable {
    /// The counter's name.
    public var name: String
    /// How much it has risen.
    public var value: Int64
  }

  /// The members that were seen, each once.
  public struct Members: Sendable, Hashable {
    /// The set's name.
    public var name: String
    /// In no order.
    public var ids: [UUID]
    /// In no order.
    public var texts: [String]
  }

  /// Which tracker it is from.
  public var replicaID: UUID
  /// 1, 2, …: a sink that has a delta of this replica with this number or a higher one has this one.
  public var sequence: Int64
  /// The time of the flush before, by this process's clock: everything was tracked after it.
  public var since: EventTimestamp
  /// The kinds that were tracked.
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

/// Where usage goes: a database, a test's memory.
public protocol UsageSink: Sendable {
  /// Adds all of a delta, or nothing. A delta that was added already is left alone.
  ///
  /// A tracker makes one call at a time, in the order of the numbers. After an error the same delta
  /// comes again, under its number, until a call returns: so it may have been added in spite of the
  /// error. It must return soon after its task is cancelled.
  ///
  /// - Throws: ``EventSinkError``, whose line is logged.
  func write(_ delta: UsageDelta) async throws(EventSinkError)
}
