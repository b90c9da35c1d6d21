public import Foundation

/// The time that a report covers: a range divided into buckets by the calendar of a time zone.
///
/// ```swift
/// let frame = try TimeFrame(from: start, to: end, by: .day, in: zone)
/// ```
/// Buckets follow the calendar of the zone. A day is 23 or 25 hours long when the clocks change. A
/// week begins on Monday, even after a day that the zone skipped or repeated. The first and the
/// last bucket are cut off at the ends of the range. Days before 1582 are Gregorian, too.
public struct TimeFrame: Hashable, Sendable {
  /// The range; its start is included, its end is not.
  public let range: Range<Date>
  /// The length of the buckets.
  public let granularity: Granularity
  /// The time zone whose calendar defines the buckets.
  public let zone: TimeZone
  /// The buckets in order of time; at most ``bucketsMax``.
  public let buckets: [Bucket]

  /// One bucket of the range.
  public struct Bucket: Hashable, Sendable {
    /// The start of the hour, day, …, even if the range begins later.
    public let start: Date
    /// The end of the hour, day, …, even if the range ends earlier.
    public let end: Date
    /// The part of the bucket that lies in the range.
    public let range: Range<Date>
  }

  /// Why the figures of a bucket do not cover a whole hour, day, ….
  public enum Partial: String, CaseIterable, Hashable, Sendable {
    /// The range contains only part of the bucket's hour, day, ….
    case cut
    /// The bucket has not ended yet.
    case running
    /// The bucket has not begun yet.
    case ahead
  }

  /// The maximum number of buckets.
  public static let bucketsMax = 20_000

  /// Divides a range into buckets.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for an empty range, one outside the years 1
  ///   to 9999, or one of more than ``bucketsMax`` buckets.
  public init(
    from: Date, to: Date, by granularity: Granularity = .day, in zone: TimeZone = .gmt
  ) throws(ReportError) {
    guard from < to else {
      throw ReportError(
        .invalidParameter, parameter: "to",
        "the range is empty: give an end that is after its start")
    }
    guard from >= Self.earliest, to <= Self.latest else {
      throw ReportError(
        .invalidParameter, parameter: "from", "the range must lie in the years 1 to 9999")
    }
    range = from..<to
    self.granularity = granularity
    self.zone = zone
    buckets = try Self.buckets(range, granularity, zone)
  }

  /// Returns the same range divided into other buckets.
  package func cut(by granularity: Granularity) throws(ReportError) -> TimeFrame {
    try TimeFrame(from: range.lowerBound, to: range.upperBound, by: granularity, in: zone)
  }

  /// Returns the buckets that are incomplete at an instant, by their starts.
  ///
  /// A bucket that is cut off and has not ended either is ``Partial/cut``. If the range ends before
  /// the bucket does, this counts as cut only if the missing part has begun by `now`.
  package func partial(at now: Date) -> [Date: Partial] {
    guard granularity != .total else { return [:] }
    var partial: [Date: Partial] = [:]
    for bucket in buckets {
      if bucket.start >= now {
        partial[bucket.start] = .ahead
      } else if bucket.start < bucket.range.lowerBound
        || min(bucket.end, now) > bucket.range.upperBound
      {
        partial[bucket.start] = .cut
      } else if bucket.end > now {
        partial[bucket.start] = .running
      }
    }
    return partial
  }

  private static let earliest = Date(timeIntervalSince1970: -62_135_596_800)
  private static let latest = Date(timeIntervalSince1970: 253_402_300_800)

  private static func buckets(
    _ range: Range<Date>, _ granularity: Granularity, _ zone: TimeZone
  ) throws(ReportError) -> [Bucket] {
    guard granularity != .total else {
      return [Bucket(start: range.lowerBound, end: range.upperBound, range: range)]
    }
    let calendar = ZoneCalendar(zone)
    var buckets: [Bucket] = []
    var start = calendar.start(of: granularity, containing: range.lowerBound)
    while start < range.upperBound {
      guard buckets.count < bucketsMax else {
        throw ReportError(
          .invalidParameter, parameter: "granularity",
          "the range has more than \(bucketsMax) buckets of one \(granularity.rawValue): choose "
            + "longer buckets or a shorter range")
      }
      let end = calendar.start(after: start, granularity)
      let lower = max(start, range.lowerBound)
      let upper = min(end, range.upperBound)
      if lower < upper { buckets.append(Bucket(start: start, end: end, range: lower..<upper)) }
      start = end
    }
    return buckets
  }
}
