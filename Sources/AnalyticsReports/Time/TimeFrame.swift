public import Foundation

/// What time a report is about: a range, cut into pieces by the calendar of a time zone.
///
/// ```swift
/// let frame = try TimeFrame(from: start, to: end, by: .day, in: zone)
/// ```
/// Pieces are those of the zone's calendar, so a day is 23 or 25 hours long where clocks change; the
/// first and the last one are cut off at the range's ends.
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
    /// What of it lies in the range.
    public let range: Range<Date>
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
        .invalidParameter, parameter: "to", "the range is empty: its end is not after its start")
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
  func cut(by granularity: Granularity) throws(ReportError) -> TimeFrame {
    try TimeFrame(from: range.lowerBound, to: range.upperBound, by: granularity, in: zone)
  }

  private static let earliest = Date(timeIntervalSince1970: -62_135_596_800)
  private static let latest = Date(timeIntervalSince1970: 253_402_300_800)

  private static func buckets(
    _ range: Range<Date>, _ granularity: Granularity, _ zone: TimeZone
  ) throws(ReportError) -> [Bucket] {
    guard granularity != .total else { return [Bucket(start: range.lowerBound, range: range)] }
    let calendar = Calendar.analytics(in: zone)
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
      if lower < upper { buckets.append(Bucket(start: start, range: lower..<upper)) }
      start = end
    }
    return buckets
  }
}

extension Calendar {
  /// ISO 8601 in a time zone.
  static func analytics(in zone: TimeZone) -> Calendar {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = zone
    return calendar
  }

  func start(of granularity: Granularity, containing date: Date) -> Date {
    switch granularity {
    case .hour:
      let start = hour(of: date)
      // What the clock showed before it was changed belongs to another hour.
      return changeOfClocks(between: start, and: date) ?? start
    case .day: return startOfDay(for: date)
    case .week: return dateInterval(of: .weekOfYear, for: date)?.start ?? startOfDay(for: date)
    case .month: return dateInterval(of: .month, for: date)?.start ?? startOfDay(for: date)
    case .total: return date
    }
  }

  func start(after start: Date, _ granularity: Granularity) -> Date {
    let next: Date? =
      switch granularity {
      case .hour: hourEnd(of: start)
      case .day: date(byAdding: .day, value: 1, to: start)
      case .week: date(byAdding: .day, value: 7, to: start)
      case .month: date(byAdding: .month, value: 1, to: start)
      case .total: nil
      }
    // Where clocks skip midnight, the day begins later.
    guard let next else { return .distantFuture }
    return granularity == .hour ? next : startOfDay(for: next)
  }

  /// The full hour of the clock at or before an instant, also where the offset is no whole number of
  /// hours.
  private func hour(of date: Date) -> Date {
    let offset = Double(timeZone.secondsFromGMT(for: date))
    let local = date.timeIntervalSince1970 + offset
    return Date(timeIntervalSince1970: (local / 3600).rounded(.down) * 3600 - offset)
  }

  private func hourEnd(of date: Date) -> Date {
    let end = hour(of: date).addingTimeInterval(3600)
    return changeOfClocks(between: date, and: end) ?? end
  }

  /// The second at which the offset from UTC changes; `nil` if it is the same at both ends.
  private func changeOfClocks(between start: Date, and end: Date) -> Date? {
    let before = timeZone.secondsFromGMT(for: start)
    guard timeZone.secondsFromGMT(for: end) != before else { return nil }
    var (lower, upper) = (
      start.timeIntervalSince1970.rounded(.down), end.timeIntervalSince1970.rounded(.up)
    )
    while upper - lower > 1 {
      let middle = ((lower + upper) / 2).rounded(.down)
      let isBefore = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: middle)) == before
      if isBefore { lower = middle } else { upper = middle }
    }
    return Date(timeIntervalSince1970: upper)
  }
}
