#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// An event whose type is known only at run time, such as an imported event of another system.
///
/// In your own code prefer ``TrackableEvent``, which the compiler checks and which declares the
/// privacy of each string. A dynamic event declares none, so its strings are
/// ``FieldPrivacy/undeclared``. If its type is in the catalogue (``AnalyticsEvent``), each field is
/// treated as the catalogue declares, and the event is stored under the catalogue's name.
public struct DynamicEvent: Hashable, Sendable {
  /// The event's type, 1…100 bytes of UTF-8, in snake_case by convention.
  public var type: String
  /// The user who caused the event; `nil` if there is none.
  public var userID: UUID?
  /// The event's service; `nil` for the client's own.
  public var service: String?
  /// All other fields. Strings in them, and names that are not identifiers, are treated as
  /// ``FieldPrivacy/undeclared``. Numbers and booleans are stored as given.
  public var fields: JSONObject
  /// Whether the event is a stored row. Its fields were already treated for privacy and stay as
  /// they are.
  package var isAsStored = false

  /// Creates an event. `type`, `user_id` and `service` are columns, so `fields` must not contain
  /// them.
  public init(
    type: String, userID: UUID? = nil, service: String? = nil, fields: JSONObject = [:]
  ) {
    self.type = type
    self.userID = userID
    self.service = service
    self.fields = fields
  }
}

extension EventFields: EventVisitor {
  mutating func visit(_ event: DynamicEvent) {
    if let declaration = event.isAsStored ? nil : CatalogueDeclaration(type: event.type) {
      begin(type: declaration.type, user: event.userID, service: event.service)
      add(byName: event.fields, declaration)
    } else {
      begin(type: event.type, user: event.userID, service: event.service)
      guard event.isAsStored else { return add(byName: event.fields, nil) }
      for (name, value) in event.fields { add(name: name, json: value) }
    }
  }

  /// Adds named fields, each treated as declared for its event; without a declaration, as
  /// undeclared.
  mutating func add(byName fields: JSONObject, _ declaration: CatalogueDeclaration?) {
    for (name, value) in fields {
      let privacy = declaration?.privacy(of: name, value) ?? .undeclared
      guard let keptName = treated(name: name, privacy),
        let kept = treated(value, privacy, under: name)
      else { continue }
      add(name: keptName, json: kept)
    }
  }
}
