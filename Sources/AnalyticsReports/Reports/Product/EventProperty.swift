internal import AnalyticsPostgres
internal import AnalyticsText

/// What of an event a report may ask about.
public enum EventProperty: Hashable, Sendable {
  case service
  case environment
  case hostname
  /// The user's id, as a UUID in lower case.
  case userID
  /// A field of the event's own, as text: `200`, `true`, `push`. A `null` counts as absent.
  case field(String)

  /// `service`, `environment`, `hostname`, `user_id`, or the name of a field. Behind `data.` stands the
  /// name of a field in any case: `data.service` is a field that is called as the column is.
  public init(_ name: String) {
    if let column = Self.columns.first(where: { $0.name.isSame(as: name) }) {
      self = column.property
    } else if name.begins(with: Self.fieldMark) {
      self = .field(String(name[...].dropping(Self.fieldMark)))
    } else {
      self = .field(name)
    }
  }

  /// As ``init(_:)`` takes it.
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

  /// As ``init(_:)`` takes it, and called like none of some columns of a report.
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
  /// What every event may be asked about, whatever its type.
  static let columnNames = columns.map(\.name)
}

extension EventProperty {
  /// Of the event `e`, as text; NULL where it is absent.
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
