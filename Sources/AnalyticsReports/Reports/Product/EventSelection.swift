internal import AnalyticsPostgres
internal import AnalyticsText

/// What of an event a report may ask about.
public enum EventProperty: Hashable, Sendable {
  case service
  case environment
  case hostname
  /// A field of the event's own, as text: `200`, `true`, `push`. A `null` counts as absent.
  case field(String)

  /// `service`, `environment`, `hostname`, or the name of a field.
  public init(_ name: String) {
    self =
      switch name {
      case "service": .service
      case "environment": .environment
      case "hostname": .hostname
      default: .field(name)
      }
  }

  /// As ``init(_:)`` takes it.
  public var name: String {
    switch self {
    case .service: "service"
    case .environment: "environment"
    case .hostname: "hostname"
    case .field(let name): name
    }
  }
}

/// A condition on a property of an event.
public struct PropertyCondition: Hashable, Sendable {
  /// How a property is compared.
  public enum Comparison: Hashable, Sendable {
    /// It is this text; numbers and truth values are compared as JSON writes them.
    case equals(String)
    /// It is another, or absent.
    case differs(String)
    case isPresent
    case isAbsent
  }

  /// What is compared.
  public var property: EventProperty
  /// How.
  public var comparison: Comparison

  /// Makes a condition.
  public init(_ property: EventProperty, _ comparison: Comparison) {
    self.property = property
    self.comparison = comparison
  }

  /// Reads `name=value`, `name!=value`, `name` (present) or `!name` (absent).
  ///
  /// - Returns: `nil` if there is no name.
  public init?(_ text: some StringProtocol) {
    if let (head, tail) = String(text).cut(at: "=") {
      let differs = head.ends(with: "!")
      let name = differs ? Substring(head.unicodeScalars.dropLast()) : head
      let value = String(tail)
      guard !name.isEmpty else { return nil }
      self.init(EventProperty(String(name)), differs ? .differs(value) : .equals(value))
    } else {
      let isAbsent = text.begins(with: "!")
      let name = isAbsent ? String(text)[...].dropping("!") : String(text)[...]
      guard !name.isEmpty else { return nil }
      self.init(EventProperty(String(name)), isAbsent ? .isAbsent : .isPresent)
    }
  }
}

/// Events of one type, with conditions that all have to hold.
public struct EventSelection: Hashable, Sendable, CustomStringConvertible {
  /// The type, as it is stored.
  public var eventType: String
  /// What has to hold besides.
  public var conditions: [PropertyCondition]

  /// Makes a selection.
  public init(_ eventType: String, where conditions: [PropertyCondition] = []) {
    self.eventType = eventType
    self.conditions = conditions
  }

  /// Reads `type`, or `type,condition,…` as ``PropertyCondition/init(_:)`` takes them.
  ///
  /// - Returns: `nil` if it cannot be read.
  public init?(parsing text: String) {
    let parts = text.split(at: ",", omittingEmpty: false)
    let conditions = parts.dropFirst().compactMap { PropertyCondition($0) }
    guard let type = parts.first, !type.isEmpty, conditions.count == parts.count - 1 else {
      return nil
    }
    self.init(String(type), where: conditions)
  }

  /// As ``init(parsing:)`` takes it.
  public var description: String {
    ([eventType] + conditions.map(\.description)).joined(separator: ",")
  }
}

extension PropertyCondition: CustomStringConvertible {
  /// As ``init(_:)`` takes it.
  public var description: String {
    switch comparison {
    case .equals(let value): "\(property.name)=\(value)"
    case .differs(let value): "\(property.name)!=\(value)"
    case .isPresent: property.name
    case .isAbsent: "!\(property.name)"
    }
  }
}

/// The values of a statement that is put together: each gets its number.
struct StatementParameters {
  private(set) var values: [PostgresParameter]

  init(_ values: [PostgresParameter]) { self.values = values }

  /// - Returns: `$n`.
  mutating func add(_ value: PostgresParameter) -> String {
    values.append(value)
    return "$\(values.count)"
  }
}

extension EventProperty {
  /// Of the event `e`, as text; NULL where it is absent.
  func sql(_ parameters: inout StatementParameters) -> String {
    switch self {
    case .service: "e.service"
    case .environment: "e.environment"
    case .hostname: "e.hostname"
    case .field(let name): "(e.data->>\(parameters.add(.text(name)))::text)"
    }
  }
}

extension PropertyCondition {
  func sql(_ parameters: inout StatementParameters) -> String {
    let property = property.sql(&parameters)
    return switch comparison {
    case .equals(let value): "\(property) = \(parameters.add(.text(value)))"
    case .differs(let value): "\(property) IS DISTINCT FROM \(parameters.add(.text(value)))"
    case .isPresent: "\(property) IS NOT NULL"
    case .isAbsent: "\(property) IS NULL"
    }
  }
}

extension EventSelection {
  /// Of the event `e`.
  func sql(_ parameters: inout StatementParameters) -> String {
    var parts = ["e.event_type = \(parameters.add(.text(eventType)))"]
    for condition in conditions { parts.append(condition.sql(&parameters)) }
    return parts.joined(separator: " AND ")
  }
}
