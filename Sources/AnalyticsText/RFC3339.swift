/// Parses and writes instants of RFC 3339.
package enum RFC3339 {
  /// Parses a date, `T`, `t` or a space, a time with any fraction (cut after microseconds), then
  /// `Z`, `z` or an offset.
  ///
  /// - Parameter secondMax: 60 accepts a leap second and reads it as the second that follows it.
  /// - Returns: Microseconds since 1970-01-01T00:00:00Z; `nil` for anything else, for a day that
  ///   the calendar does not have, and for years outside 1…9999.
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
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    let seconds = date.daysSinceUnixEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset
    let instant = seconds * 1_000_000 + fraction
    return supported.contains(instant) ? instant : nil
  }

  /// Parses a text in the same way.
  package static func microseconds(
    _ text: some StringProtocol, secondMax: Int64 = 60
  ) -> Int64? {
    var copy = String(text)
    return copy.withUTF8 { microseconds(UnsafeRawBufferPointer($0), secondMax: secondMax) }
  }

  /// The instants that can be parsed: those of the years 1 to 9999 in UTC.
  package static let supported: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

  /// Writes an instant in UTC with six digits of fraction, as `2026-01-31T08:09:10.123456Z`.
  package static func text(microseconds instant: Int64) -> String {
    let second = instant.flooredDivision(by: 1_000_000)
    return clock(second.quotient) + ".\(second.remainder.padded(6))Z"
  }

  /// Writes an instant in UTC to the second, without the fraction, as `2026-01-31T08:09:10Z`.
  /// Foundation's formats use the Julian calendar before 1582.
  ///
  /// - Parameter instant: Seconds since 1970-01-01T00:00:00Z.
  package static func text(secondsSinceUnixEpoch instant: Int64) -> String {
    clock(instant) + "Z"
  }

  private static func clock(_ instant: Int64) -> String {
    let (days, second) = instant.flooredDivision(by: 86_400)
    return CivilDate(daysSinceUnixEpoch: days).text
      + "T\((second / 3600).padded(2)):\((second / 60 % 60).padded(2)):\((second % 60).padded(2))"
  }
}

/// Reads fixed numbers of ASCII digits. Every access is checked against `bytes.count`, and a reader
/// is used only within the call that received `bytes`.
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

  /// Reads a fraction after an optional point, in microseconds; 0 without a point, `nil` for a
  /// point without digits.
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
