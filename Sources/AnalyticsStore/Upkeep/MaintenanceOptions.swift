internal import AnalyticsText

/// The retention period of raw events, and how far ahead partitions are created.
///
/// For a value outside its range, ``Maintenance/run()`` throws and drops nothing, and
/// ``AnalyticsMaintenance`` stops the process.
public struct MaintenanceOptions: Sendable, Hashable {
  /// The whole days for which raw events are kept at least, from 0 to 36,500; `nil` keeps them for
  /// ever.
  public var keepDays: Int?
  /// The whole days for which usage counters are kept after the end of their period, from 0 to
  /// 36,500; `nil` keeps them for ever.
  public var keepUsageDays: Int? = 30
  /// The number of days after today for which partitions are created, from 0 (today's only) to
  /// 3,650. Further ahead, the first event of a day creates its partition.
  public var aheadDays: Int
  /// How long a step waits for locks of other transactions, at most 24 days; less than a
  /// millisecond counts as one. Unfinished work is left to the next run. Meanwhile, an ingest that
  /// has to create a partition for very old events may wait for as long.
  public var lockTimeout: Duration
  /// How long to wait for transactions that started to store events before the retention boundary
  /// was raised; zero or less does not wait.
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

extension MaintenanceOptions {
  /// Why no maintenance can run with these options, in one line; `nil` if it can. A negative
  /// retention period would drop the days to come.
  var problem: String? {
    let days = 0...36_500
    return OptionRange.problem("keepDays", keepDays ?? 0, in: days)
      ?? OptionRange.problem("keepUsageDays", keepUsageDays ?? 0, in: days)
      ?? OptionRange.problem("aheadDays", aheadDays, in: 0...3650)
      ?? OptionRange.problem(
        "lockTimeout", lockTimeout, in: .zero...(.seconds(24 * 86_400)), "zero to 24 days")
  }
}
