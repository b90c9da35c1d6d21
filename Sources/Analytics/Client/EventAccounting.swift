/// The reason why an event was dropped before it reached the sink.
public enum DropReason: String, CaseIterable, Sendable {
  /// The buffer has reached its limit: the sink has been unavailable for too long, or is too slow.
  case full
  /// The event is larger than a segment.
  case tooLarge = "too_large"
  /// The event is malformed: its type or service is empty or longer than 100 bytes, its time lies
  /// outside ``EventTimestamp/supportedRange``, a duration is negative, a field for a column of its
  /// own has no valid value, or JSON in it is nested deeper than 64 levels.
  case invalid
  /// The system refused a new segment: the disk is full or failing.
  ///
  /// `track` also returns this reason if the device fails in
  /// ``BufferMode/synchronous(directory:limitBytes:)``. Such an event is in the buffer and is not
  /// counted as dropped.
  case unavailable
  /// The event was still in memory when the worker ended. Only in
  /// ``BufferMode/memory(limitBytes:)``.
  case shutdown
  /// `track` accepted the event, but its file was deleted, truncated or damaged while it waited, or
  /// had not reached the device when the machine lost power. For events of dead processes the count
  /// is a lower bound.
  case lost
}

/// The reason why a tracked event will never be stored.
public enum RejectReason: String, CaseIterable, Sendable {
  /// The database refuses the event because of its data; the event is a dead letter.
  case refused
  /// The event's day was already dropped by retention. The key of the event went with the day, so a
  /// duplicate could not be detected.
  case expired
  /// The event's time is more than 24 hours ahead of the database's clock.
  case future
  /// The event's time is before ``AnalyticsConfiguration/acceptsFrom`` of the client whose worker
  /// delivers it.
  case past
  /// A trigger in the database discarded the event without an error.
  case suppressed
}

/// The counts of all events of one client, which always satisfy this identity:
///
/// ```
/// tracked + recovered = stored + duplicates + rejected + dropped + pending
/// ```
/// It holds for every value that is read, at any moment. Counting starts when the client is
/// created.
public struct EventAccounting: Hashable, Sendable {
  /// Events passed to `track`, including those that were dropped.
  public var tracked = 0
  /// Events recovered from segments that dead processes left behind.
  public var recovered = 0
  /// Events stored, including those of an attempt whose answer was lost.
  public var stored = 0
  /// Events that had already been stored, because they were recovered or imported twice.
  public var duplicates = 0
  /// Rejected events by reason; reasons without events are absent.
  public var rejected: [RejectReason: Int] = [:]
  /// Dropped events by reason, including those that were lost while they waited; reasons without
  /// events are absent.
  public var dropped: [DropReason: Int] = [:]
  /// Events that wait in the buffer.
  public var pending = 0

  /// Whether the accounting identity holds.
  public var isBalanced: Bool {
    tracked + recovered
      == stored + duplicates + rejected.values.reduce(0, +) + dropped.values.reduce(0, +) + pending
  }
}

/// How many events were dropped for each reason.
struct DropCounts {
  private var counts = [Int](repeating: 0, count: DropReason.allCases.count)

  mutating func add(_ reason: DropReason, _ count: Int = 1) {
    counts[Self.index(reason)] += count
  }

  var total: Int { counts.reduce(0, +) }

  func add(to totals: inout [DropReason: Int]) {
    for reason in DropReason.allCases where counts[Self.index(reason)] > 0 {
      totals[reason, default: 0] += counts[Self.index(reason)]
    }
  }

  private static func index(_ reason: DropReason) -> Int {
    switch reason {
    case .full: 0
    case .tooLarge: 1
    case .invalid: 2
    case .unavailable: 3
    case .shutdown: 4
    case .lost: 5
    }
  }
}
