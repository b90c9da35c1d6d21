/// The definition of a rollup: which events it counts, by which dimensions, and which figures it
/// keeps.
///
/// The database keeps the figures up to date as events are stored. They remain after retention has
/// deleted the raw events.
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
/// All figures are kept by quarter of an hour in UTC, so they are exact in every time zone. A
/// definition is a pure value: the tables, the views and the SQL that maintains them are derived
/// from it.
public struct Rollup: Hashable, Sendable, Codable {
  /// The name, in snake_case, at most ``nameLengthMax`` bytes. The tables are called
  /// `analytics_rollup_<name>…`.
  public var name: String
  /// The version, 1 to 2,147,483,647, to be raised with every change of the definition. The figures
  /// of a new version are computed from the raw events that still exist. Older days keep the
  /// figures of the previous version.
  public var version: Int
  /// The event types that count; empty for all types.
  public var eventTypes: [String]
  /// The dimensions by which the figures are grouped, besides time.
  public var dimensions: [Dimension]
  /// The figures that are kept.
  public var measures: [Measure]

  /// Makes a definition. ``problem`` tells whether it can be used.
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

/// The part of an event that a value comes from.
public enum Source: Hashable, Sendable, Codable {
  /// The type of the event.
  case eventType
  /// The service that tracked the event.
  case service
  /// The environment of the event, such as `production`.
  case environment
  /// The id of the event's user.
  case userID
  /// A field of the event's own data.
  case field(String)
}

/// A figure that a rollup keeps.
public struct Measure: Hashable, Sendable, Codable {
  /// The kind of figure that a measure is.
  public enum Kind: Hashable, Sendable, Codable {
    /// The number of events.
    case count
    /// The sum of a field that holds a whole number from 0 to 9 × 10¹⁵. Other events add nothing.
    /// The field's name has at most ``Rollup/numberLengthMax`` bytes.
    case sum(String)
    /// The largest value of such a field; `NULL` if there is none.
    case max(String)
    /// The distribution of such a field. Every percentile computed from it is accurate within 1 %.
    case histogram(String)
    /// The distinct values, so that they can be counted over any range of time, each once.
    case distinct(Source)
    /// One example of a text field: the smallest value in byte order, cut to 500 characters.
    case sample(String)
    /// The text of a field in the earliest event that has it, cut to 500 characters. Of several
    /// events at the same instant, the smallest text in byte order.
    case first(String)
  }

  /// The column's name, in snake_case.
  public var name: String
  /// The kind of figure.
  public var kind: Kind
  /// A condition on the rollup's events; `nil` if all of them count.
  public var condition: Condition?

  /// Makes a measure.
  public init(_ name: String, _ kind: Kind, where condition: Condition? = nil) {
    self.name = name
    self.kind = kind
    self.condition = condition
  }

  /// Whether the measure counts distinct values, which are kept in tables of their own.
  public var isDistinct: Bool { source != nil }
  /// The source of the distinct values; `nil` for any other kind of measure.
  package var source: Source? { if case .distinct(let source) = kind { source } else { nil } }
  /// Whether the measure is the value of the earliest event.
  package var isFirst: Bool { if case .first = kind { true } else { false } }
  /// Whether the measure is a histogram.
  public var isHistogram: Bool { if case .histogram = kind { true } else { false } }
}

/// A condition on the events that a measure counts.
public indirect enum Condition: Hashable, Sendable, Codable {
  /// The event has one of these types.
  case type([String])
  /// The event has a user.
  case hasUser
  /// The field is `true`.
  case isTrue(String)
  /// The field is `false`.
  case isFalse(String)
  /// The field is a whole number in this range, both ends included.
  case between(String, Int, Int)
  /// The field is a number that ``Measure/Kind/sum(_:)`` would add.
  case hasNumber(String)
  /// All of these conditions hold.
  case all([Condition])
  /// At least one of these conditions holds.
  case any([Condition])
}
