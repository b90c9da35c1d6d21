internal import AnalyticsPostgres
internal import AnalyticsText

/// A property of events that a report can filter or group by.
public enum EventProperty: Hashable, Sendable {
  case service
  case environment
  case hostname
  /// The user's id, as a UUID in lower case.
  case userID
  /// A field of the event's data, as text: `200`, `true`, `push`. A `null` counts as absent.
  case field(String)

  /// Parses `service`, `environment`, `hostname`, `user_id`, or the name of a field. The text after
  /// `data.` is always the name of a field: `data.service` is a field with the same name as the
  /// column.
  public init(_ name: String) {
    if let column = Self.columns.first(where: { $0.name.isSame(as: name) }) {
      self = column.property
    } else if name.begins(with: Self.fieldMark) {
      self = .field(String(name[...].dropping(Self.fieldMark)))
    } else {
      self = .field(name)
    }
  }

  /// The name, in the form that ``init(_:)`` takes.
  public var name: String {
    switch self {
    case .service: "service"
    case .environment: "environment"
    case .hostname: "hostname"
    case .userID: "user_id"
    case .field(let name):
      name.isEmpty || name.begins(with: Self.fieldMark)
        || Self.columns.contains { $0.name.isSame(as: name) } ? Self.fieldMark + name : name
    }
  }

  /// Returns the name in the form that ``init(_:)`` takes. A field that has the name of one of
  /// these columns gets `data.` before it.
  func name(besides columns: [String]) -> String {
    guard case .field(let field) = self, columns.contains(where: { $0.isSame(as: field) })
    else { return name }
    return Self.fieldMark + field
  }

  private static let fieldMark = "data."
  private static let columns: [(name: String, property: EventProperty)] = [
    ("service", .service), ("environment", .environment), ("hostname", .hostname),
    ("user_id", .userID),
  ]
  /// The names of the properties that every event has, whatever its type.
  static let columnNames = columns.map(\.name)
}

extension EventProperty {
  /// The property of an event `e` in SQL, as text; NULL if it is absent.
  var sql: SQL {
    switch self {
    case .service: "e.service"
    case .environment: "e.environment"
    case .hostname: "e.hostname"
    case .userID: "e.user_id::text"
    case .field(let name): "(e.data->>\(name))"
    }
  }
}
