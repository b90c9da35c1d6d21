/// Why an event will not be stored although nobody has refused it.
public enum DropReason: String, CaseIterable, Sendable {
  /// The buffer has reached its limit: the sink has been away for too long, or is too slow.
  case full
  /// The event is larger than a segment.
  case tooLarge = "too_large"
  /// Its type or service is empty or longer than 100 bytes, its time lies outside
  /// ``EventTimestamp/supportedRange``, a duration is negative, or JSON in it is nested deeper than
  /// 64 levels.
  case invalid
  /// The system would not give a new segment: the disk is full or failing.
  case unavailable
  /// It was still in memory when the worker ended. Only in ``BufferMode/memory(limitBytes:)``.
  case shutdown
  /// `track` took it, but its file was deleted, cut short or damaged while it waited, or had not
  /// reached the device when the machine lost its power. Of dead processes' events: at least so many.
  case lost
}

/// Why an event that was tracked will never be stored.
public enum RejectReason: String, CaseIterable, Sendable {
  /// The database refuses its data.
  case refused
  /// It is older than what retention has dropped already: its key went with its day, so nobody
  /// could tell whether it was stored before.
  case expired
  /// It lies more than 24 hours ahead of the database's clock.
  case future
  /// It is dated before ``AnalyticsConfiguration/acceptsFrom`` of the client whose worker delivers it.
  case past
  /// A trigger of the database's owner kept it out of the table, without an error.
  case suppressed
}

/// Where all events of one client are: the accounting identity.
///
/// ```
/// tracked + recovered = stored + duplicates + rejected + dropped + pending
/// ```
/// It holds for every value read, at any moment. Counts begin with the client.
public struct EventAccounting: Hashable, Sendable {
  /// Calls of `track`.
  public var tracked = 0
  /// Events found in what dead processes left behind.
  public var recovered = 0
  /// Events stored; also those that an attempt stored whose answer was lost.
  public var stored = 0
  /// Events that were stored before: recovered or imported twice.
  public var duplicates = 0
  /// Events that the sink refused, by reason; reasons without events are absent.
  public var rejected: [RejectReason: Int] = [:]
  /// Events that were not taken or were lost while they waited, by reason; reasons without events are absent.
  public var dropped: [DropReason: Int] = [:]
  /// Events in the buffer.
  public var pending = 0

  /// Whether the identity holds.
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
