public import Foundation

extension ReportParameters {
  /// The frame that ``ReportParameter/frame`` or ``ReportParameter/range`` describe: by default the
  /// 30 days that end with today.
  ///
  /// - Parameter granularity: What holds where none is given.
  /// - Throws: ``ReportError/Code/invalidParameter``.
  public func frame(
    by granularity: Granularity = .day
  ) throws(ReportError) -> TimeFrame {
    let zone = try zone()
    let calendar = Calendar.analytics(in: zone)
    let to: Date
    if let given = try instant(.to, in: zone) {
      to = given
    } else {
      to = calendar.start(after: calendar.startOfDay(for: now), .day)
    }
    let from: Date
    if let given = try instant(.from, in: zone) {
      from = given
    } else {
      from = calendar.date(byAdding: .day, value: -Self.daysByDefault, to: to) ?? to
    }
    return try TimeFrame(from: from, to: to, by: self.granularity(granularity), in: zone)
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
    guard name.contains("/") || name == "GMT", let zone = TimeZone(identifier: name) else {
      throw ReportError(
        .invalidParameter, parameter: ReportParameter.zone.name,
        "there is no time zone \(name.quoted)"
          + name.suggestion(among: TimeZone.knownTimeZoneIdentifiers + ["UTC"]))
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
    if let day = LocalTime(day: text)?.startOfDay(in: zone) ?? Date(rfc3339: text) { return day }
    throw refusal(
      parameter, "is a day as 2026-01-31 or an instant as 2026-01-31T08:00:00Z")
  }
}

extension Date {
  /// Reads RFC 3339, to the microsecond. Foundation would take 25 o'clock for 1 o'clock.
  init?(rfc3339 text: String) {
    let form =
      #/(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:(\.\d{1,6})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))/#
    guard let match = text.wholeMatch(of: form)?.output,
      let day = LocalTime(day: String(match.1))?.startOfDay(in: .gmt)
    else { return nil }
    func number(_ digits: Substring?) -> Int { digits.flatMap { Int($0) } ?? 0 }
    let clock = [number(match.2), number(match.3), number(match.4)]
    let offset = [number(match.7), number(match.8)]
    guard clock[0] < 24, clock[1] < 60, clock[2] < 60, offset[0] < 24, offset[1] < 60 else {
      return nil
    }
    let seconds = clock[0] * 3600 + clock[1] * 60 + clock[2]
    let ahead = (offset[0] * 3600 + offset[1] * 60) * (match.6 == "-" ? -1 : 1)
    let fraction = match.5.flatMap { Double("0\($0)") } ?? 0
    self = day.addingTimeInterval(Double(seconds - ahead) + fraction)
  }
}
