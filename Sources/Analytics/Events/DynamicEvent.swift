#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// An event whose type is known at run time only: an import of somebody else's events, say.
///
/// In a program of your own prefer ``TrackableEvent``, which the compiler checks.
public struct DynamicEvent: Hashable, Sendable {
  /// 1…100 bytes of UTF-8, in snake_case by convention.
  public var type: String
  /// Who did it.
  public var userID: UUID?
  /// The event's own service; without one, the client's.
  public var service: String?
  /// All other fields. They are stored as given.
  public var fields: JSONObject

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
    begin(type: event.type, user: event.userID, service: event.service)
    for (name, value) in event.fields {
      add(name: name, json: value)
    }
  }
}
