internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// Figures by hour of the week. The hours are 0…167, and hour 0 is Monday from 0:00 to 1:00.
extension RollupReader {
  mutating func eventsByHourOfWeek(
    _ frame: TimeFrame, where filter: DimensionFilter = []
  ) async throws(PostgresError) -> [Int] {
    let events = try await figures(["events"], of: .events, in: frame.ranges, where: filter)
    var counts = [Int](repeating: 0, count: 168)
    for (index, bucket) in frame.buckets.enumerated() {
      let local = LocalTime(bucket.range.lowerBound, in: frame.zone)
      counts[(local.weekday - 1) * 24 + local.hour] += events[[], index].count("events")
    }
    return counts
  }

  mutating func membersByHourOfWeek(
    _ frame: TimeFrame, _ query: MemberQuery
  ) async throws(PostgresError) -> [Int] {
    let hours = WeekHours(frame.range, in: frame.zone)
    if hours.isRounded {
      warn(
        "the range or an hour begins within a quarter of an hour of UTC: events of that quarter count "
          + "in the hour in which the quarter begins")
    }
    // Called only for its warnings.
    _ = cover(
      [frame.range], of: query.rollup, by: query.filter.dimensions, measure: query.measure.name)
    var counts = [Int](repeating: 0, count: 168)
    // Sets by chunk, then by hour.
    var week: [Int: [Int: MemberSet]] = [:]
    let cover = memberCover(hours.parts.map(\.bounds))
    try await sets(query, cover, united: hours.parts.map(\.hour)) { chunk in
      for (hour, set) in chunk.sets {
        week[chunk.number, default: [:]][hour, default: MemberSet()].formUnion(set)
      }
    } end: {
      for hours in week.values {
        for (hour, set) in hours { counts[hour] += set.count }
      }
      week = [:]
    }
    return counts
  }
}

/// The quarters of an hour of a range, merged by the local hour of the week in which they begin.
private struct WeekHours {
  private(set) var parts: [(bounds: Range<Int64>, hour: Int)] = []
  /// Whether a bound of the range or a local hour is not at a quarter of an hour of UTC.
  private(set) var isRounded = false

  init(_ range: Range<Date>, in zone: TimeZone) {
    let bounds = [range.lowerBound, range.upperBound].map { PostgresTimestamp($0).microseconds }
    isRounded = bounds.contains { $0 % RangeCover.quarter != 0 }
    let start = bounds[0].floored(to: RangeCover.quarter)
    let end = max(start, bounds[1])
    for day in stride(
      from: start.floored(to: RangeCover.day), to: end, by: Int(RangeCover.day))
    {
      // Asking the time zone takes longer than all else, so it is asked about each quarter only on
      // days on which the clocks change.
      let first = Self.offset(at: day, zone)
      let last = Self.offset(at: day + RangeCover.day - RangeCover.quarter, zone)
      if first % 900 != 0 { isRounded = true }
      for quarter in stride(
        from: max(day, start), to: min(day + RangeCover.day, end), by: Int(RangeCover.quarter))
      {
        add(quarter, offset: first == last ? first : Self.offset(at: quarter, zone))
      }
    }
  }

  private mutating func add(_ quarter: Int64, offset: Int) {
    // 2000-01-01 was a Saturday.
    let seconds = Int(quarter / 1_000_000) + 5 * 86_400 + offset
    let hour = (seconds % 604_800 + 604_800) % 604_800 / 3600
    let end = quarter + RangeCover.quarter
    if let last = parts.last, last.hour == hour {
      parts[parts.count - 1].bounds = last.bounds.lowerBound..<end
    } else {
      parts.append((quarter..<end, hour))
    }
  }

  private static func offset(at instant: Int64, _ zone: TimeZone) -> Int {
    zone.secondsFromGMT(
      for: PostgresTimestamp(microseconds: instant).date ?? .distantFuture)
  }
}
