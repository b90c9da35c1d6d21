/// What is counted of which events, by what: the definition of tables that are kept up to date with
/// the events and outlive them.
///
/// ```swift
/// let checkouts = Rollup(
///   "checkouts", version: 1, of: ["checkout_completed"],
///   by: [Dimension("country", .field("country"))],
///   measures: [
///     Measure("checkouts", .count),
///     Measure("amount_cents", .sum("amount_cents")),
///     Measure("customers", .distinct(.userID)),
///   ])
/// ```
///
/// Everything is kept by the quarter of an hour in UTC, so that each figure is exact in every time
/// zone. A definition is a pure value: tables, upkeep and views are derived from it.
public struct Rollup: Hashable, Sendable, Codable {
  /// Its tables are `analytics_rollup_<name>…`; snake_case, at most ``nameLengthMax`` bytes.
  public var name: String
  /// Raised with every change of the definition: the figures of a new version are computed anew as
  /// far as raw events are there, older days keep the old ones.
  public var version: Int
  /// The types of events; empty for all.
  public var eventTypes: [String]
  /// What the figures are kept by, besides time.
  public var dimensions: [Dimension]
  /// The figures.
  public var measures: [Measure]

  /// Makes a definition; ``problem`` says whether it can be used.
  public init(
    _ name: String, version: Int = 1, of eventTypes: [String], by dimensions: [Dimension] = [],
    measures: [Measure]
  ) {
    self.name = name
    self.version = version
    self.eventTypes = eventTypes
    self.dimensions = dimensions
    self.measures = measures
  }
}

/// Where a value of an event comes from.
public enum Source: Hashable, Sendable, Codable {
  case eventType
  case service
  case environment
  case userID
  /// A field of the event's own.
  case field(String)
}

/// A figure that is kept.
public struct Measure: Hashable, Sendable, Codable {
  /// What kind of figure it is.
  public enum Kind: Hashable, Sendable, Codable {
    /// How many events.
    case count
    /// The sum of a whole number from 0 to 9 × 10¹⁵; of other events it counts nothing. The name of its field
    /// has at most ``Rollup/numberLengthMax`` bytes.
    case sum(String)
    /// The largest value of such a number; `NULL` without any.
    case max(String)
    /// How such a number is distributed: every percentile within 1 %.
    case histogram(String)
    /// Which values there were, so that they can be counted over any range, each once.
    case distinct(Source)
    /// One value for people to read: the first in alphabetical order.
    case sample(String)
    /// The value of the earliest event that has one; of several at one instant the first in alphabetical order.
    case first(String)
  }

  /// The column's name, in snake_case.
  public var name: String
  /// What kind of figure it is.
  public var kind: Kind
  /// Which of the rollup's events it is about; `nil` for all.
  public var condition: Condition?

  /// Makes a measure.
  public init(_ name: String, _ kind: Kind, where condition: Condition? = nil) {
    self.name = name
    self.kind = kind
    self.condition = condition
  }

  /// Whether its values are kept in a table of their own.
  public var isDistinct: Bool { source != nil }
  /// Whose values it tells apart; `nil` unless it is distinct.
  package var source: Source? { if case .distinct(let source) = kind { source } else { nil } }
  /// Whether it is the value of the earliest event.
  package var isFirst: Bool { if case .first = kind { true } else { false } }
  /// Whether it is a histogram.
  public var isHistogram: Bool { if case .histogram = kind { true } else { false } }
}

/// Which events a measure is about.
public indirect enum Condition: Hashable, Sendable, Codable {
  /// Of one of these types.
  case type([String])
  /// With a user.
  case hasUser
  /// With a field that is `true`.
  case isTrue(String)
  /// With a field that is `false`.
  case isFalse(String)
  /// With a field that is a whole number in a range, both ends included.
  case between(String, Int, Int)
  /// With a field that a sum would count.
  case hasNumber(String)
  case all([Condition])
  case any([Condition])
}
