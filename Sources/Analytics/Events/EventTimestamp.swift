import AnalyticsText

/// An instant, to the microsecond, as PostgreSQL's `timestamptz` keeps it.
///
/// `Date` is a `Double` and loses microseconds far from 2001; this does not.
public struct EventTimestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public var microsecondsSinceUnixEpoch: Int64

  /// Makes the instant that lies so many microseconds after 1970-01-01T00:00:00Z.
  public init(microsecondsSinceUnixEpoch: Int64) {
    self.microsecondsSinceUnixEpoch = microsecondsSinceUnixEpoch
  }

  /// Orders by time.
  public static func < (left: Self, right: Self) -> Bool {
    left.microsecondsSinceUnixEpoch < right.microsecondsSinceUnixEpoch
  }
}

extension EventTimestamp {
  /// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in microseconds since the Unix epoch.
  static let postgresEpoch: Int64 = 946_684_800_000_000

  /// The first instant of year 1 and the first instant of year 10000: what RFC 3339 can write.
  public static let supportedRange =
    EventTimestamp(
      microsecondsSinceUnixEpoch: RFC3339.supported.lowerBound)..<EventTimestamp(
      microsecondsSinceUnixEpoch: RFC3339.supported.upperBound)

  /// See ``AnalyticsConfiguration/acceptsFrom``.
  package static let acceptedFromByDefault = EventTimestamp(microsecondsSincePostgresEpoch: 0)

  /// Microseconds since 2000-01-01T00:00:00Z, the binary form of a `timestamptz`.
  ///
  /// Far outside ``supportedRange`` it wraps around, and back again in the other direction.
  public var microsecondsSincePostgresEpoch: Int64 {
    microsecondsSinceUnixEpoch &- Self.postgresEpoch
  }

  /// Makes an instant from the binary form of a `timestamptz`.
  public init(microsecondsSincePostgresEpoch: Int64) {
    microsecondsSinceUnixEpoch = microsecondsSincePostgresEpoch &+ Self.postgresEpoch
  }
}

// MARK: - RFC 3339

extension EventTimestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with six digits of fraction, as `2026-01-31T08:09:10.123456Z`.
  public var description: String { RFC3339.text(microseconds: microsecondsSinceUnixEpoch) }

  /// Reads RFC 3339: a date, `T`, `t` or a space, a time with any fraction (cut after
  /// microseconds), then `Z` or an offset.
  ///
  /// `nil` for anything else, for a day that the calendar lacks and for years outside 1…9999.
  /// A leap second (`:60`) is read as the second that follows.
  public init?(rfc3339 text: some StringProtocol) {
    guard let microseconds = RFC3339.microseconds(text) else { return nil }
    self.init(microsecondsSinceUnixEpoch: microseconds)
  }

  /// The same, read from UTF-8 without making a string.
  package init?(rfc3339Bytes bytes: UnsafeRawBufferPointer) {
    guard let microseconds = RFC3339.microseconds(bytes) else { return nil }
    self.init(microsecondsSinceUnixEpoch: microseconds)
  }

  /// Reads what people type: RFC 3339, or a day, which begins at midnight UTC.
  package init?(timeOrDay text: String) {
    guard let value = Self(rfc3339: text) ?? Self(rfc3339: text + "T00:00:00Z") else { return nil }
    self = value
  }
}
