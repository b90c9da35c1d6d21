/// How long raw events are kept, and how far ahead there is room for new ones.
public struct MaintenanceOptions: Sendable, Hashable {
  /// Whole days that raw events are kept at least; `nil` keeps them for ever.
  public var keepDays: Int?
  /// Whole days that usage counters are kept after the end of their period; `nil` keeps them for ever.
  public var keepUsageDays: Int? = 30
  /// For how many days beyond today partitions are made. With none, the first event of a day makes
  /// its own.
  public var aheadDays: Int
  /// How long one step waits for others' locks; what it could not do is done next time. Making a
  /// partition for very old events may have to wait for as long.
  public var lockTimeout: Duration
  /// How long to wait for transactions that began to store before the boundary was raised.
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
