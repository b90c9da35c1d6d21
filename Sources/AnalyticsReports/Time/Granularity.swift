/// How long the pieces are that a range is cut into.
public enum Granularity: String, CaseIterable, Hashable, Sendable {
  case hour
  case day
  /// From Monday on, as ISO 8601 has it.
  case week
  case month
  /// The whole range is one piece.
  case total
}
