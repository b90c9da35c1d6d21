internal import Analytics
internal import AnalyticsText

/// The ranges of time that are known to have a partition, in microseconds since 2000-01-01 UTC.
///
/// This only saves a query. Another process may drop a partition at any time.
struct PartitionCache {
  /// The number of ranges at which the cache is emptied. No table should have that many partitions.
  private static let countMax = 20_000

  /// Sorted by time, without overlaps.
  private(set) var ranges: [Range<Int64>] = []

  /// Returns one instant for each UTC day on which an event of the batch has no known partition.
  func daysWithoutPartition(_ batch: EventBatch) -> [Int64] {
    // Neighbouring rows of a batch are close in time, so the last range usually fits.
    var current: Range<Int64> = 0..<0
    var days: [Int64: Int64] = [:]
    batch.forEachRow { row in
      let instant = row.timestamp.microsecondsSincePostgresEpoch
      if current.contains(instant) { return }
      if let range = range(around: instant) {
        current = range
      } else {
        days[Self.day(of: instant)] = instant
      }
    }
    return days.values.sorted()
  }

  mutating func insert(_ added: [Range<Int64>]) {
    if ranges.count + added.count > Self.countMax { ranges = [] }
    let known = Set(ranges.map(\.lowerBound))
    ranges += added.filter { !known.contains($0.lowerBound) }
    ranges.sort { $0.lowerBound < $1.lowerBound }
  }

  func range(around instant: Int64) -> Range<Int64>? {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= instant { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(instant) ? ranges[low] : nil
  }

  static func day(of instant: Int64) -> Int64 {
    instant.flooredDivision(by: CivilDate.microsecondsPerDay).quotient
  }
}
