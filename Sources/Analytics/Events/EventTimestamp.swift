import AnalyticsText

/// An instant with a resolution of one microsecond, like PostgreSQL's `timestamptz`.
///
/// `Date` is a `Double` and loses microseconds far from the year 2001; this type does not.
public struct EventTimestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public var microsecondsSinceUnixEpoch: Int64

  /// Creates an instant from the number of microseconds since 1970-01-01T00:00:00Z.
  public init(microsecondsSinceUnixEpoch: Int64) {
    self.microsecondsSinceUnixEpoch = microsecondsSinceUnixEpoch
  }

  /// Returns whether the left instant is earlier.
  public static func < (left: Self, right: Self) -> Bool {
    left.microsecondsSinceUnixEpoch < right.microsecondsSinceUnixEpoch
  }
}

extension EventTimestamp {
  /// 2000-01-01T00:00:00Z, PostgreSQL's epoch, in microseconds since the Unix epoch.
  static let postgresEpoch: Int64 = 946_684_800_000_000

  /// The instants that RFC 3339 can express: from the first instant of year 1 up to, but not
  /// including, the first instant of year 10000.
  public static let supportedRange =
    EventTimestamp(
      microsecondsSinceUnixEpoch: RFC3339.supported.lowerBound)..<EventTimestamp(
      microsecondsSinceUnixEpoch: RFC3339.supported.upperBound)

  /// The default of ``AnalyticsConfiguration/acceptsFrom``.
  package static let acceptedFromByDefault = EventTimestamp(microsecondsSincePostgresEpoch: 0)

  /// Microseconds since 2000-01-01T00:00:00Z, the binary form of a `timestamptz`.
  ///
  /// Far outside ``supportedRange`` the value wraps around; the conversion back reverses this.
  public var microsecondsSincePostgresEpoch: Int64 {
    microsecondsSinceUnixEpoch &- Self.postgresEpoch
  }

  /// Creates an instant from the binary form of a `timestamptz`.
  public init(microsecondsSincePostgresEpoch: Int64) {
    microsecondsSinceUnixEpoch = microsecondsSincePostgresEpoch &+ Self.postgresEpoch
  }
}

// MARK: - RFC 3339

extension EventTimestamp: CustomStringConvertible {
  /// The instant as RFC 3339 in UTC with six fractional digits, such as
  /// `2026-01-31T08:09:10.123456Z`.
  public var description: String { RFC3339.text(microseconds: microsecondsSinceUnixEpoch) }

  /// Reads an RFC 3339 string: a date, then `T`, `t` or a space, then a time with any number of
  /// fractional digits (truncated to microseconds), then `Z` or an offset.
  ///
  /// Returns `nil` for anything else, for a day that does not exist and for years outside 1…9999. A
  /// leap second (`:60`) is read as the second that follows it.
  public init?(rfc3339 text: some StringProtocol) {
    guard let microseconds = RFC3339.microseconds(text) else { return nil }
    self.init(microsecondsSinceUnixEpoch: microseconds)
  }

  /// Reads an RFC 3339 string from UTF-8 bytes without creating a `String`.
  package init?(rfc3339Bytes bytes: UnsafeRawBufferPointer) {
    guard let microseconds = RFC3339.microseconds(bytes) else { return nil }
    self.init(microsecondsSinceUnixEpoch: microseconds)
  }

  /// Reads what people type: an RFC 3339 string, or a day, which stands for midnight UTC.
  package init?(timeOrDay text: String) {
    guard let value = Self(rfc3339: text) ?? Self(rfc3339: text + "T00:00:00Z") else { return nil }
    self = value
  }
}
