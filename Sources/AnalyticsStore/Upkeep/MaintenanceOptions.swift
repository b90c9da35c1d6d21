/// The retention period of raw events, and how far ahead partitions are created.
public struct MaintenanceOptions: Sendable, Hashable {
  /// The whole days for which raw events are kept at least, from 0 to 36,500; `nil` keeps them for
  /// ever.
  public var keepDays: Int?
  /// The whole days for which usage counters are kept after the end of their period, from 0 to
  /// 36,500; `nil` keeps them for ever.
  public var keepUsageDays: Int? = 30
  /// The number of days after today for which partitions are created; 0 for today's only. Further
  /// ahead, the first event of a day creates its partition.
  public var aheadDays: Int
  /// How long a step waits for locks of other transactions, from 1 ms to 24 days. Unfinished work
  /// is left to the next run. Meanwhile, an ingest that has to create a partition for very old
  /// events may wait for as long.
  public var lockTimeout: Duration
  /// How long to wait for transactions that started to store events before the retention boundary
  /// was raised; zero does not wait.
  public var ingestTimeout: Duration

  /// Makes options.
  public init(
    keepDays: Int? = 90, aheadDays: Int = 7, lockTimeout: Duration = .seconds(5),
    ingestTimeout: Duration = .seconds(120)
  ) {
    self.keepDays = keepDays
    self.aheadDays = aheadDays
    self.lockTimeout = lockTimeout
    self.ingestTimeout = ingestTimeout
  }
}
