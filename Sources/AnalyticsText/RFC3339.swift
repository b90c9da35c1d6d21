/// Instants as RFC 3339 writes them.
package enum RFC3339 {
  /// Reads a date, `T`, `t` or a space, a time with any fraction (cut after microseconds), then `Z` or
  /// an offset.
  ///
  /// - Parameter secondMax: 60 to read a leap second as the second that follows it.
  /// - Returns: Microseconds since 1970-01-01T00:00:00Z; `nil` for anything else, for a day that the
  ///   calendar lacks and for years outside 1…9999.
  package static func microseconds(
    _ bytes: UnsafeRawBufferPointer, secondMax: Int64 = 60
  ) -> Int64? {
    var reader = DigitReader(bytes: bytes)
    guard let year = reader.number(digits: 4), reader.skip("-"),
      let month = reader.number(digits: 2), reader.skip("-"),
      let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
      let hour = reader.number(digits: 2), reader.skip(":"),
      let minute = reader.number(digits: 2), reader.skip(":"),
      let second = reader.number(digits: 2),
      let fraction = reader.microseconds(), let offset = reader.offsetSeconds(), reader.isAtEnd,
      year >= 1, hour <= 23, minute <= 59, second <= secondMax,
      let days = CivilDate(year: year, month: month, day: day).daysSinceUnixEpoch
    else { return nil }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    let instant = seconds * 1_000_000 + fraction
    return supported.contains(instant) ? instant : nil
  }

  /// See ``microseconds(_:)-(UnsafeRawBufferPointer)``.
  package static func microseconds(
    _ text: some StringProtocol, secondMax: Int64 = 60
  ) -> Int64? {
    var copy = String(text)
    return copy.withUTF8 { microseconds(UnsafeRawBufferPointer($0), secondMax: secondMax) }
  }

  /// The first instant of year 1 and the first of year 10000.
  package static let supported: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

  /// In UTC with six digits of fraction, as `2026-01-31T08:09:10.123456Z`.
  package static func text(microseconds instant: Int64) -> String {
    let (days, microseconds) = instant.flooredDivision(by: 86_400_000_000)
    let date = CivilDate(daysSinceUnixEpoch: days)
    let seconds = microseconds / 1_000_000
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
      + "T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
      + ".\(padded(microseconds % 1_000_000, 6))Z"
  }
}

/// A day of the proleptic Gregorian calendar; the arithmetic is Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms".
private struct CivilDate {
  var year: Int64
  var month: Int64
  var day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  init(daysSinceUnixEpoch days: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// `nil` where the calendar has no such day.
  var daysSinceUnixEpoch: Int64? {
    guard (1...12).contains(month), (1...daysInMonth).contains(day) else { return nil }
    let marchYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = marchYear.flooredDivision(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private var daysInMonth: Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// Reads fixed numbers of ASCII digits.
private struct DigitReader {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func number(digits: Int) -> Int64? {
    guard position + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for index in position..<position + digits {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      value = value * 10 + Int64(digit)
    }
    position += digits
    return value
  }

  /// The fraction after an optional point; 0 without one, `nil` for a point without digits.
  mutating func microseconds() -> Int64? {
    guard skip(".") else { return 0 }
    var value: Int64 = 0
    var digits = 0
    while let digit = number(digits: 1) {
      if digits < 6 { value = value * 10 + digit }
      digits += 1
    }
    guard digits > 0 else { return nil }
    for _ in digits..<max(6, digits) { value *= 10 }
    return value
  }

  mutating func offsetSeconds() -> Int64? {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int64
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2),
      hours <= 23, minutes <= 59
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}

extension Int64 {
  /// Quotient and remainder with the remainder never negative.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
