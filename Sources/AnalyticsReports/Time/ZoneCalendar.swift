internal import Foundation

/// The hours, days, weeks and months of a time zone, derived from nothing but its offsets from UTC.
///
/// Days are counted by the date that the calendar shows, not by adding hours. A zone that moves to
/// the other side of the date line skips a day or has one twice, and its weeks still begin on
/// Monday.
struct ZoneCalendar {
  let zone: TimeZone

  init(_ zone: TimeZone) { self.zone = zone }

  /// Returns the start of the bucket that contains an instant.
  func start(of granularity: Granularity, containing date: Date) -> Date {
    switch granularity {
    case .hour:
      let start = hour(of: date)
      // If the clocks changed within the hour, the bucket begins at the change.
      return changeOfClocks(between: start, and: date) ?? start
    case .day, .week, .month: return start(of: first(of: granularity, day(of: date)))
    case .total: return date
    }
  }

  /// Returns the start of the bucket after the one that contains an instant.
  func start(after date: Date, _ granularity: Granularity) -> Date {
    if granularity == .total { return .distantFuture }
    if granularity == .hour { return hourEnd(of: date) }
    var first = first(of: granularity, day(of: date))
    var start: Date
    // A day that the calendar skips begins where the next one does, so it has no length.
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

  /// Returns the start of a day: the instant from which the clock shows that day or a later one for
  /// good. Usually this is midnight. Where the clocks skip midnight, the start is later; where they
  /// go back over midnight, the start is the second midnight.
  func start(of day: LocalDay) -> Date { instant(showing: Double(day.number) * 86_400) }

  /// Returns the instant at which the clock showed the same time of day, that many days before.
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

  /// Returns the day that an instant belongs to.
  private func day(of date: Date) -> LocalDay {
    let day = LocalDay(date, in: zone)
    // The clock showed this day for some minutes, and then went back over midnight.
    return start(of: day) > date ? day.adding(days: -1) : day
  }

  /// Returns the instant from which the clock shows this time or a later one for good.
  ///
  /// - Parameter clock: A local time, in seconds since 1970-01-01 00:00 on that clock.
  private func instant(showing clock: Double) -> Date {
    // Relies on two facts: every offset from UTC is less than a day, and no zone changed its clocks
    // twice within two days.
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

  /// Returns the full hour of the clock at or before an instant. The offset need not be a whole
  /// number of hours.
  private func hour(of date: Date) -> Date {
    let offset = offset(at: date)
    let local = date.timeIntervalSince1970 + offset
    return Date(timeIntervalSince1970: (local / 3600).rounded(.down) * 3600 - offset)
  }

  private func hourEnd(of date: Date) -> Date {
    let end = hour(of: date).addingTimeInterval(3600)
    return changeOfClocks(between: date, and: end) ?? end
  }

  /// Returns the second at which the offset from UTC changes; `nil` if it is the same at both ends.
  /// The offset must not change more than once between them.
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
