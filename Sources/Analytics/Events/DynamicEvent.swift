#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// An event whose type is known at run time only: an import of somebody else's events, say.
///
/// In a program of your own prefer ``TrackableEvent``, which the compiler checks and which says how private
/// each text is. Here nobody says it, so texts are ``FieldPrivacy/undeclared``. An event with a type of the
/// catalogue (``AnalyticsEvent``) is treated as the catalogue declares, field by field, and is stored under
/// the catalogue's name.
public struct DynamicEvent: Hashable, Sendable {
  /// 1…100 bytes of UTF-8, in snake_case by convention.
  public var type: String
  /// Who did it.
  public var userID: UUID?
  /// The event's own service; without one, the client's.
  public var service: String?
  /// All other fields. Texts in them, and names that could be texts, are treated as
  /// ``FieldPrivacy/undeclared`` asks; numbers and booleans are stored as given.
  public var fields: JSONObject
  /// Whether it is a row that was stored before: privacy has had its turn, and every field stays as it is.
  package var isAsStored = false

  /// Makes an event. `type`, `user_id` and `service` are columns, so `fields` must not name them.
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

  /// Adds fields that come by name, treated as they are declared for their event.
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
