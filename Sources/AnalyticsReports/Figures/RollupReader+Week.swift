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
    let rows = try await connection.query(
      ReportStatement.quartersOfWeek.text([
        "relation": Rollup.activity.memberRelation(Rollup.activity.measures[0])
      ]), parts.parameters)
    var counts = [Int](repeating: 0, count: 168)
    let hours = parts.hours
    var seen = [Bool](repeating: false, count: 168)
    for row in rows {
      for hour in 0..<168 { seen[hour] = false }
      row.withBytes(at: 0) { bytes in
        guard let bytes else { return }
        // Behind the number of bits.
        for (index, byte) in bytes.dropFirst(4).enumerated() where byte != 0 {
          for bit in 0..<8 where byte & (0x80 >> bit) != 0 { seen[hours[index * 8 + bit]] = true }
        }
      }
      for hour in 0..<168 where seen[hour] { counts[hour] += 1 }
    }
    return counts
  }
}

/// The UTC days of a range, cut where the offset from UTC changes, and where their quarters of an hour
/// are among the bits of a user.
private struct WeekParts {
  private struct Part {
    var day: Int64
    /// Quarters of the day.
    var quarters: Range<Int>
    /// The index in `offsets`.
    var offset: Int
  }

  private var parts: [Part] = []
  /// Different ones, in seconds.
  private var offsets: [Int] = []
  /// Whether something is not a whole quarter.
  private(set) var isRounded = false

  init(_ range: Range<Date>, in zone: TimeZone) {
    let bounds = [range.lowerBound, range.upperBound].map { PostgresTimestamp($0).microseconds }
    isRounded = bounds.contains { $0 % RangeCover.quarter != 0 }
    var lower = bounds[0].floored(to: RangeCover.quarter)
    while lower < bounds[1] {
      let day = lower.floored(to: RangeCover.day)
      let upper = min(bounds[1], day + RangeCover.day)
      let offset = Self.offset(at: lower, zone)
      var end = upper
      if Self.offset(at: upper - RangeCover.quarter, zone) != offset {
        end = Self.change(between: lower, and: upper, zone)
      }
      if offset % 900 != 0 { isRounded = true }
      let index = offsets.firstIndex(of: offset) ?? offsets.count
      if index == offsets.count { offsets.append(offset) }
      let first = Int((lower - day) / RangeCover.quarter)
      let count = Int((end - lower + RangeCover.quarter - 1) / RangeCover.quarter)
      parts.append(Part(day: day, quarters: first..<first + count, offset: index))
      lower = end
    }
  }

  /// The first quarter with another offset than `lower`.
  private static func change(between lower: Int64, and upper: Int64, _ zone: TimeZone) -> Int64 {
    let offset = offset(at: lower, zone)
    return stride(from: lower, to: upper, by: Int(RangeCover.quarter))
      .first { Self.offset(at: $0, zone) != offset } ?? upper
  }

  private static func offset(at instant: Int64, _ zone: TimeZone) -> Int {
    PostgresTimestamp(microseconds: instant).date.map { zone.secondsFromGMT(for: $0) } ?? 0
  }

  private static let quartersOfWeek = 7 * 96

  /// Of each bit the hour of the week.
  var hours: [Int] {
    offsets.flatMap { offset in
      (0..<Self.quartersOfWeek).map { quarter in
        let seconds = quarter * 900 + offset
        return (seconds % 604_800 + 604_800) % 604_800 / 3600
      }
    }
  }

  var parameters: [PostgresParameter] {
    let zeros = { (count: Int) in String(repeating: "0", count: count) }
    let before = parts.map { part in
      // 2000-01-01 was a Saturday.
      let weekday = (part.day / RangeCover.day % 7 + 7 + 5) % 7
      return part.offset * Self.quartersOfWeek + Int(weekday) * 96
    }
    let masks = parts.map { part in
      zeros(part.quarters.lowerBound) + String(repeating: "1", count: part.quarters.count)
        + zeros(96 - part.quarters.upperBound)
    }
    let length = offsets.count * Self.quartersOfWeek
    return [
      .timestamptzArray(microseconds: parts.map(\.day)), .textArray(before.map(zeros)),
      .textArray(masks), .textArray(before.map { zeros(length - $0 - 96) }),
      .timestamptz(microseconds: parts.map(\.day).min() ?? 0),
      .timestamptz(microseconds: (parts.map(\.day).max() ?? 0) + RangeCover.day),
    ]
  }
}
