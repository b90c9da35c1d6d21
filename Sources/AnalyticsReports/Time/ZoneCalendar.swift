internal import Foundation

/// The hours, days, weeks and months of a time zone, from nothing but its offsets from UTC.
///
/// Days are counted by what the calendar shows, not by adding hours: a zone that moves to the other side
/// of the date line skips a day or has one twice, and its weeks begin on Monday all the same.
struct ZoneCalendar {
  let zone: TimeZone

  init(_ zone: TimeZone) { self.zone = zone }

  /// Where the piece around an instant begins.
  func start(of granularity: Granularity, containing date: Date) -> Date {
    switch granularity {
    case .hour:
      let start = hour(of: date)
      // What the clock showed before it was changed belongs to another hour.
      return changeOfClocks(between: start, and: date) ?? start
    case .day, .week, .month: return start(of: first(of: granularity, day(of: date)))
    case .total: return date
    }
  }

  /// Where the piece behind the one around an instant begins.
  func start(after date: Date, _ granularity: Granularity) -> Date {
    if granularity == .total { return .distantFuture }
    if granularity == .hour { return hourEnd(of: date) }
    var first = first(of: granularity, day(of: date))
    var start: Date
    // A day that the calendar skips begins where the next one does, and has no length.
    repeat {
      first =
        switch granularity {
        case .week: first.adding(days: 7)
        case .month: first.adding(months: 1)
        default: first.adding(days: 1)
        }
      start = self.start(of: first)
    } while start <= date
    return start
  }

  /// When a day begins: when the clock shows it or a later one for good. That is midnight; later where
  /// clocks skip it, and the second midnight where they go back over it.
  func start(of day: LocalDay) -> Date { instant(showing: Double(day.number) * 86_400) }

  /// What the same clock shows so many days before, at the same time of the day.
  func date(_ days: Int, daysBefore date: Date) -> Date {
    instant(
      showing: date.timeIntervalSince1970 + offset(at: date) - Double(days) * 86_400)
  }

  private func first(of granularity: Granularity, _ day: LocalDay) -> LocalDay {
    switch granularity {
    case .week: day.monday
    case .month: day.firstOfMonth
    default: day
    }
  }

  /// The day that an instant belongs to.
  private func day(of date: Date) -> LocalDay {
    let day = LocalDay(date, in: zone)
    // Shown for some minutes before the clock went back over midnight.
    return start(of: day) > date ? day.adding(days: -1) : day
  }

  /// From when on the clock shows no less than this.
  ///
  /// - Parameter clock: Seconds since 1970-01-01 00:00 as the clock has them.
  private func instant(showing clock: Double) -> Date {
    // No clock is a day away from UTC or more, and none was ever changed twice within two days.
    let (lower, upper) = (
      Date(timeIntervalSince1970: clock - 86_400), Date(timeIntervalSince1970: clock + 86_400)
    )
    let (before, after) = (clock - offset(at: lower), clock - offset(at: upper))
    guard before != after, let change = changeOfClocks(between: lower, and: upper) else {
      return Date(timeIntervalSince1970: before)
    }
    if change.timeIntervalSince1970 < after { return Date(timeIntervalSince1970: after) }
    return min(change, Date(timeIntervalSince1970: before))
  }

  // MARK: - Hours

  /// The full hour of the clock at or before an instant, also where the offset is no whole number of
  /// hours.
  private func hour(of date: Date) -> Date {
    let offset = offset(at: date)
    let local = date.timeIntervalSince1970 + offset
    return Date(timeIntervalSince1970: (local / 3600).rounded(.down) * 3600 - offset)
  }

  private func hourEnd(of date: Date) -> Date {
    let end = hour(of: date).addingTimeInterval(3600)
    return changeOfClocks(between: date, and: end) ?? end
  }

  /// The second at which the offset from UTC changes; `nil` if it is the same at both ends.
  private func changeOfClocks(between start: Date, and end: Date) -> Date? {
    let before = zone.secondsFromGMT(for: start)
    guard zone.secondsFromGMT(for: end) != before else { return nil }
    var (lower, upper) = (
      start.timeIntervalSince1970.rounded(.down), end.timeIntervalSince1970.rounded(.up)
    )
    while upper - lower > 1 {
      let middle = ((lower + upper) / 2).rounded(.down)
      let isBefore = zone.secondsFromGMT(for: Date(timeIntervalSince1970: middle)) == before
      if isBefore { lower = middle } else { upper = middle }
    }
    return Date(timeIntervalSince1970: upper)
  }

  private func offset(at date: Date) -> Double { Double(zone.secondsFromGMT(for: date)) }
}
