internal import AnalyticsText
public import Foundation

extension ReportParameters {
  /// Returns the frame that ``ReportParameter/frame`` or ``ReportParameter/range`` describe. By
  /// default it covers the 30 days that end with today, and before them as much as makes the first
  /// bucket whole.
  ///
  /// - Parameter granularity: The granularity if none was given.
  /// - Throws: ``ReportError/Code/invalidParameter``.
  public func frame(
    by granularity: Granularity = .day
  ) throws(ReportError) -> TimeFrame {
    let zone = try zone()
    return try frame(
      from: instant(.from, in: zone), to: instant(.to, in: zone),
      by: choice(.granularity) ?? granularity,
      in: zone)
  }

  /// Returns the frame that two parameters of other names describe. A day as the end is included in
  /// the range.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, naming these parameters if their values
  ///   cannot be read. For a range that is empty or too long, or outside the years 1 to 9999, the
  ///   error has the names that ``TimeFrame`` uses.
  package func frame(
    from start: ReportParameter, through end: ReportParameter, by granularity: Granularity
  ) throws(ReportError) -> TimeFrame {
    let zone = try zone()
    var to = try instant(end, in: zone)
    if let last = text(end).flatMap({ LocalDay($0) }) {
      to = ZoneCalendar(zone).start(of: last.adding(days: 1))
    }
    return try frame(from: instant(start, in: zone), to: to, by: granularity, in: zone)
  }

  private func frame(
    from: Date?, to: Date?, by granularity: Granularity, in zone: TimeZone
  ) throws(ReportError) -> TimeFrame {
    let calendar = ZoneCalendar(zone)
    let to = to ?? calendar.start(after: now, .day)
    let from =
      from
      ?? calendar.start(
        of: granularity, containing: calendar.date(Self.daysByDefault, daysBefore: to))
    return try TimeFrame(from: from, to: to, by: granularity, in: zone)
  }

  /// The length of the range in days where no start was given.
  public static let daysByDefault = 30

  /// Returns the time zone; UTC by default.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for an unknown name, with a suggestion if a
  ///   known one is similar.
  public func zone() throws(ReportError) -> TimeZone {
    guard let name = text(.zone) else { return .gmt }
    if name == "UTC" { return .gmt }
    // Foundation also takes abbreviations, some of which stand for several zones.
    guard name.has("/") || name == "GMT", let zone = TimeZone(identifier: name) else {
      let meant = name.suggestion(among: TimeZone.knownTimeZoneIdentifiers + ["UTC"])
      throw ReportError(
        .invalidParameter, parameter: ReportParameter.zone.name,
        "there is no time zone \(name.quoted)"
          + (meant.isEmpty ? ": names are like Europe/Berlin" : meant))
    }
    return zone
  }

  private func instant(
    _ parameter: ReportParameter, in zone: TimeZone
  ) throws(ReportError) -> Date? {
    guard let text = text(parameter) else { return nil }
    if let day = LocalDay(text) { return ZoneCalendar(zone).start(of: day) }
    if let instant = Date(rfc3339: text) { return instant }
    throw refusal(parameter, text)
  }
}

extension Date {
  /// Parses RFC 3339, to the microsecond. Leap seconds are refused, because no figure lies within
  /// one.
  init?(rfc3339 text: String) {
    guard let microseconds = RFC3339.microseconds(text, secondMax: 59) else { return nil }
    self.init(microsecondsSinceUnixEpoch: microseconds)
  }
}
