#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension AnalyticsEvent {
  /// Returns those of the additional fields whose name this event does not use itself, without
  /// `null` values.
  func additionalFields(among further: JSONObject) -> JSONObject {
    var own = OwnNames()
    describe(to: &own)
    var additional = further.compactMapValues(\.unlessNull)
    for name in own.names { additional[name] = .none }
    return additional
  }
}

extension JSONValue {
  /// The value itself; `nil` for `null`.
  package var unlessNull: JSONValue? { if case .null = self { Optional.none } else { self } }
}

extension EventFields {
  mutating func visit(_ event: AnalyticsEvent, with further: JSONObject) {
    var further = event.additionalFields(among: further)
    let user: UUID? = column("user_id", of: &further) { UUID(uuidString: $0) }
    let service: String? = column("service", of: &further) { $0 }
    withDefaults(user: user, service: service) { event.describe(to: &$0) }
    add(byName: further, event.declarationByName)
  }

  /// Removes the field for a column and returns its value. A value that the column cannot hold
  /// makes the event invalid, because it would otherwise be lost.
  private mutating func column<Value>(
    _ name: String, of fields: inout JSONObject, _ value: (String) -> Value?
  ) -> Value? {
    guard let field = fields[name] else { return nil }
    fields[name] = .none
    if case .string(let text) = field, let value = value(text) { return value }
    writer.refuse()
    return nil
  }
}

/// Collects the names of an event's fields, including fields without a value.
private struct OwnNames: EventVisitor {
  var names: [String] = []

  private mutating func keep(_ name: StaticString) { names.append(name.description) }

  mutating func begin(type: StaticString, user: UUID?, service: String?) {
    begin(user: user, service: service)
  }
  private mutating func begin(user: UUID?, service: String?) {
    names.append("type")
    if user != nil { names.append("user_id") }
    if service != nil { names.append("service") }
  }
  mutating func add(_ name: StaticString, _ value: Int) { keep(name) }
  mutating func add(_ name: StaticString, _ value: Int?) { keep(name) }
  mutating func add(duration name: StaticString, _ value: Int) { keep(name) }
  mutating func add(duration name: StaticString, _ value: Int?) { keep(name) }
  mutating func add(_ name: StaticString, _ value: Bool) { keep(name) }
  mutating func add(_ name: StaticString, _ value: UUID) { keep(name) }
  mutating func add(_ name: StaticString, _ value: UUID?) { keep(name) }
  mutating func add(_ name: StaticString, _ value: String, _ privacy: FieldPrivacy) { keep(name) }
  mutating func add(_ name: StaticString, _ value: String?, _ privacy: FieldPrivacy) { keep(name) }
  mutating func add(_ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy) {
    keep(name)
  }
  mutating func visit(_ event: DynamicEvent) {
    begin(user: event.userID, service: event.service)
    names += event.fields.map(\.name)
  }
  mutating func visit(_ event: AnalyticsEvent, with further: JSONObject) {
    event.describe(to: &self)
    names += further.map(\.name)
  }
}
