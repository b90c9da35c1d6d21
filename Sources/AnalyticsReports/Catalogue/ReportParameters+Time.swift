internal import AnalyticsText
public import Foundation

extension ReportParameters {
  /// The frame that ``ReportParameter/frame`` or ``ReportParameter/range`` describe: by default the
  /// 30 days that end with today, and before them what makes the first piece whole.
  ///
  /// - Parameter granularity: What holds where none is given.
  /// - Throws: ``ReportError/Code/invalidParameter``.
  public func frame(
    by granularity: Granularity = .day
  ) throws(ReportError) -> TimeFrame {
    let zone = try zone()
    return try frame(
      from: instant(.from, in: zone), to: instant(.to, in: zone), by: self.granularity(granularity),
      in: zone)
  }

  /// The frame that parameters of other names describe; a day at its end is the last one in it.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, naming these parameters, but for a range that is
  ///   empty or too long.
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

  /// How long the range is where nobody says so.
  public static let daysByDefault = 30

  /// The time zone; UTC by default.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, with what was probably meant.
  public func zone() throws(ReportError) -> TimeZone {
    guard let name = text(.zone) else { return .gmt }
    if name == "UTC" { return .gmt }
    // Foundation takes abbreviations too, and some of them mean several zones.
    guard name.has("/") || name == "GMT", let zone = TimeZone(identifier: name) else {
      let meant = name.suggestion(among: TimeZone.knownTimeZoneIdentifiers + ["UTC"])
      throw ReportError(
        .invalidParameter, parameter: ReportParameter.zone.name,
        "there is no time zone \(name.quoted)"
          + (meant.isEmpty ? ": names are like Europe/Berlin" : meant))
    }
    return zone
  }

  private func granularity(_ standard: Granularity) throws(ReportError) -> Granularity {
    guard let text = text(.granularity) else { return standard }
    guard let granularity = Granularity(rawValue: text) else {
      throw refusal(.granularity, "is hour, day, week, month or total")
    }
    return granularity
  }

  private func instant(
    _ parameter: ReportParameter, in zone: TimeZone
  ) throws(ReportError) -> Date? {
    guard let text = text(parameter) else { return nil }
    if let day = LocalDay(text) { return ZoneCalendar(zone).start(of: day) }
    if let instant = Date(rfc3339: text) { return instant }
    throw refusal(
      parameter, "is a day as 2026-01-31 or an instant as 2026-01-31T08:00:00Z")
  }
}

extension Date {
  /// Reads RFC 3339, to the microsecond. No figure lies within a leap second, so none is taken.
  init?(rfc3339 text: String) {
    guard let microseconds = RFC3339.microseconds(text, secondMax: 59) else { return nil }
    self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
  }
}
