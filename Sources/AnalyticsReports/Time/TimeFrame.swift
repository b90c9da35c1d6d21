public import Foundation

/// What time a report is about: a range, cut into pieces by the calendar of a time zone.
///
/// ```swift
/// let frame = try TimeFrame(from: start, to: end, by: .day, in: zone)
/// ```
/// Pieces are those of the zone's calendar, so a day is 23 or 25 hours long where clocks change; a week
/// begins on Monday, also behind a day that the zone skipped or had twice. The first and the last piece
/// are cut off at the range's ends. Days of before 1582 are those of the Gregorian calendar, too.
public struct TimeFrame: Hashable, Sendable {
  /// From, included, to, excluded.
  public let range: Range<Date>
  /// How long the pieces are.
  public let granularity: Granularity
  /// Whose calendar cuts them.
  public let zone: TimeZone
  /// The pieces, one behind the other; at most ``bucketsMax``.
  public let buckets: [Bucket]

  /// One piece of the range.
  public struct Bucket: Hashable, Sendable {
    /// Where the hour, day, … begins, also if the range begins later.
    public let start: Date
    /// Where it ends, also if the range ends earlier.
    public let end: Date
    /// What of it lies in the range.
    public let range: Range<Date>
  }

  /// Why the figures of a piece are not those of a whole hour, day, ….
  public enum Partial: String, Hashable, Sendable {
    /// The range has only a part of it.
    case cut
    /// It is not over.
    case running
    /// It has not begun.
    case ahead
  }

  /// More rows nobody reads, and no page shows.
  public static let bucketsMax = 20_000

  /// - Throws: ``ReportError/Code/invalidParameter`` for an empty range, one outside the years 1 to
  ///   9999, or one of more than ``bucketsMax`` pieces.
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
        .invalidParameter, parameter: "from", "the range has to lie in the years 1 to 9999")
    }
    range = from..<to
    self.granularity = granularity
    self.zone = zone
    buckets = try Self.buckets(range, granularity, zone)
  }

  /// The same range in other pieces.
  package func cut(by granularity: Granularity) throws(ReportError) -> TimeFrame {
    try TimeFrame(from: range.lowerBound, to: range.upperBound, by: granularity, in: zone)
  }

  /// The pieces that are not whole at an instant, by their beginnings.
  ///
  /// A piece that is cut and not over is ``Partial/cut``. What the range leaves out of its end counts only where it is
  /// in the past.
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
          "the range has more than \(bucketsMax) pieces of one \(granularity.rawValue): ask for "
            + "longer pieces or a shorter range")
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
