internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// Hours of the week are counted from Monday, 0:00 to 1:00, on: 0…167.
extension RollupReader {
  mutating func eventsByHourOfWeek(_ frame: TimeFrame) async throws(PostgresError) -> [Int] {
    let events = try await figures(["events"], of: .events, in: frame.ranges)
    var counts = [Int](repeating: 0, count: 168)
    for (index, bucket) in frame.buckets.enumerated() {
      let local = LocalTime(bucket.range.lowerBound, in: frame.zone)
      counts[(local.weekday - 1) * 24 + local.hour] += events[[], index].count("events")
    }
    return counts
  }

  mutating func usersByHourOfWeek(_ frame: TimeFrame) async throws(PostgresError) -> [Int] {
    let parts = WeekParts(frame.range, in: frame.zone)
    if parts.isRounded {
      note(
        "where the range or an hour begins within a quarter of an hour of UTC, users count by "
          + "the time at which that quarter begins")
    }
    // For its notes alone.
    _ = cover([frame.range], of: .activity)
    var week = UsersByHourOfWeek()
    for parts in parts.byDays(Self.daysAtOnce) {
      let activity = try await activity(on: Set(parts.map(\.day)).sorted())
      for part in parts {
        if let day = activity[part.day] { week.add(day, part.hours) }
      }
    }
    return week.counts
  }
}

/// In which hours of the week each user was seen.
private struct UsersByHourOfWeek {
  /// By hour.
  private(set) var counts = [Int](repeating: 0, count: 168)
  /// By user: a bit for each hour, in three words.
  private var seen: [UInt64] = []

  /// - Parameter hours: Of each quarter of the day; `nil` outside of the range.
  mutating func add(_ day: DayActivity, _ hours: [Int?]) {
    guard let largest = day.entries.map(\.user).max() else { return }
    if 3 * (Int(largest) + 1) > seen.count {
      seen += repeatElement(0, count: 3 * (Int(largest) + 1) - seen.count)
    }
    for entry in day.entries {
      // Of most users few bits are set.
      entry.quarters.forEach { quarter in
        guard let hour = hours[quarter] else { return }
        let place = 3 * Int(entry.user) + hour / 64
        let bit = UInt64(1) << (hour % 64)
        guard seen[place] & bit == 0 else { return }
        seen[place] |= bit
        counts[hour] += 1
      }
    }
  }
}

/// The UTC days of a range, and in which local hour of the week each quarter begins.
private struct WeekParts {
  struct Part {
    var day: Int64
    /// Of each quarter; `nil` outside of the range.
    var hours: [Int?]
  }

  private let quarters: Range<Int64>
  private let zone: TimeZone
  /// Whether something is not a whole quarter.
  private(set) var isRounded = false

  init(_ range: Range<Date>, in zone: TimeZone) {
    let bounds = [range.lowerBound, range.upperBound].map { PostgresTimestamp($0).microseconds }
    quarters =
      bounds[0].floored(
        to: RangeCover.quarter)..<max(
        bounds[0].floored(to: RangeCover.quarter), bounds[1])
    self.zone = zone
    isRounded = bounds.contains { $0 % RangeCover.quarter != 0 }
    for day in days where zone.secondsFromGMT(for: Self.date(day)) % 900 != 0 { isRounded = true }
  }

  private var days: StrideTo<Int64> {
    stride(
      from: quarters.lowerBound.floored(to: RangeCover.day), to: quarters.upperBound,
      by: Int(RangeCover.day))
  }

  /// So many days at one time.
  func byDays(_ count: Int) -> [[Part]] {
    Array(days).chunks(of: count).map { $0.map(part) }
  }

  /// By the time at which each quarter begins.
  private func part(_ day: Int64) -> Part {
    // Asking the time zone takes longer than all else: only on a day on which clocks change.
    let first = zone.secondsFromGMT(for: Self.date(day))
    let last = zone.secondsFromGMT(for: Self.date(day + RangeCover.day - RangeCover.quarter))
    let hours = (0..<96).map { quarter -> Int? in
      let instant = day + Int64(quarter) * RangeCover.quarter
      guard quarters.contains(instant) else { return nil }
      let offset = first == last ? first : zone.secondsFromGMT(for: Self.date(instant))
      // 2000-01-01 was a Saturday.
      let seconds = Int(instant / 1_000_000) + 5 * 86_400 + offset
      return (seconds % 604_800 + 604_800) % 604_800 / 3600
    }
    return Part(day: day, hours: hours)
  }

  private static func date(_ instant: Int64) -> Date {
    PostgresTimestamp(microseconds: instant).date ?? .distantFuture
  }
}
