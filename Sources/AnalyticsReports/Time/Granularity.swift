/// The length of the buckets that a time range is divided into.
public enum Granularity: String, CaseIterable, Hashable, Sendable {
  case hour
  case day
  /// Begins on Monday, as in ISO 8601.
  case week
  case month
  /// The whole range is one bucket.
  case total
}
