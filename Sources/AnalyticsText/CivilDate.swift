/// A day of the proleptic Gregorian calendar, as PostgreSQL counts days: today's calendar, also for
/// the time before 1582. Foundation's calendars are Julian there.
///
/// The arithmetic is Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
package struct CivilDate: Hashable, Sendable {
  /// The year; 0 is the year before the year 1.
  package let year: Int64
  /// The month, 1…12.
  package let month: Int64
  /// The day of the month, 1…31.
  package let day: Int64

  /// - Returns: `nil` if the calendar has no such day.
  package init?(year: Int64, month: Int64, day: Int64) {
    guard (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day) else {
      return nil
    }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// - Parameter days: Since 1970-01-01; may be negative.
  package init(daysSinceUnixEpoch days: Int64) {
    // The arithmetic uses years that begin in March, in eras of 400 years.
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Parses `2026-01-31`, for the years 1 to 9999.
  ///
  /// - Returns: `nil` for other text and for a day that the calendar does not have.
  package init?(_ text: some StringProtocol) {
    let parts = String(text).split(at: "-", omittingEmpty: false)
    guard parts.allSatisfy(\.isDigits), parts.map(\.utf8.count) == [4, 2, 2],
      let year = Int64(parts[0]), year > 0, let month = Int64(parts[1]), let day = Int64(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// The date as `2026-01-31`.
  package var text: String { "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))" }

  package var daysSinceUnixEpoch: Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = marchYear.flooredDivision(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Returns the date that many months later; earlier if `months` is negative. In a month that is
  /// too short, it is the last day.
  package func adding(months: Int64) -> CivilDate {
    let (year, month) = (self.year * 12 + self.month - 1 + months).flooredDivision(by: 12)
    let day = min(day, Self.days(in: month + 1, of: year))
    return CivilDate(year: year, month: month + 1, validDay: day)
  }

  /// The length of a day in UTC, in microseconds.
  @inlinable package static var microsecondsPerDay: Int64 { 86_400_000_000 }

  private init(year: Int64, month: Int64, validDay day: Int64) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension FixedWidthInteger {
  /// Returns the quotient, rounded down, and a remainder that is never negative. The divisor is
  /// positive.
  @inlinable package func flooredDivision(by divisor: Self) -> (quotient: Self, remainder: Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension BinaryInteger {
  /// Returns the decimal digits of a number from 0 on, with zeros before them up to a width.
  package func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
