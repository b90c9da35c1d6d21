import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension AnalyticsEvent: Codable {
  /// Reads `{"type": …, fields…}`.
  ///
  /// - Throws: `DecodingError` for a missing field, a wrong type or a number out of range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: WireKey.self)
    let type = try container.decode(String.self, forKey: "type")
    try self.init(type: type, from: DecodedFields(container))
  }

  /// Writes `{"type": …, fields…}` without the fields that have no value.
  ///
  /// All values are written as given: the privacy preset applies only to storage.
  public func encode(to encoder: any Encoder) throws {
    var visitor = WireVisitor(container: encoder.container(keyedBy: WireKey.self))
    describe(to: &visitor)
    if let error = visitor.error { throw error }
  }
}

/// A coding key with an arbitrary name.
struct WireKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringLiteral value: String) { stringValue = value }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
  init(_ name: StaticString) { stringValue = name.description }
}

private final class DecodedFields: EventFieldSource {
  private let container: KeyedDecodingContainer<WireKey>
  private var requestedNames: Set<ExactString> = ["type"]

  init(_ container: KeyedDecodingContainer<WireKey>) { self.container = container }

  private func key(_ name: StaticString) -> WireKey {
    let key = WireKey(name)
    requestedNames.insert(ExactString(key.stringValue))
    return key
  }

  func uuid(_ name: StaticString) throws -> UUID {
    try container.decode(UUID.self, forKey: key(name))
  }
  func optionalUUID(_ name: StaticString) throws -> UUID? {
    try container.decodeIfPresent(UUID.self, forKey: key(name))
  }
  func string(_ name: StaticString) throws -> String {
    try container.decode(String.self, forKey: key(name))
  }
  func optionalString(_ name: StaticString) throws -> String? {
    try container.decodeIfPresent(String.self, forKey: key(name))
  }
  func bool(_ name: StaticString) throws -> Bool {
    try container.decode(Bool.self, forKey: key(name))
  }
  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value {
    try container.decode(Value.self, forKey: key(name))
  }
  func optionalInteger<Value: FixedWidthInteger & Decodable>(
    _ name: StaticString
  ) throws -> Value? {
    try container.decodeIfPresent(Value.self, forKey: key(name))
  }
  func optionalJSON(_ name: StaticString) throws -> JSONValue? {
    try container.decodeIfPresent(JSONValue.self, forKey: key(name))
  }

  func dynamicEvent(type: String) throws -> DynamicEvent {
    DynamicEvent(
      type: type, userID: try optionalUUID("user_id"), service: try optionalString("service"),
      fields: try fieldsNotRequested())
  }

  func furtherFields() throws -> JSONObject {
    try fieldsNotRequested().compactMapValues(\.unlessNull)
  }

  private func fieldsNotRequested() throws -> JSONObject {
    var fields = JSONObject()
    for key in container.allKeys where requestedNames.insert(ExactString(key.stringValue)).inserted
    {
      fields[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
    }
    return fields
  }
}

/// Writes fields into an encoder. It keeps the first error, because visiting does not throw.
private struct WireVisitor: EventVisitor {
  var container: KeyedEncodingContainer<WireKey>
  var error: (any Error)?

  init(container: KeyedEncodingContainer<WireKey>) { self.container = container }

  private mutating func put(_ value: (some Encodable)?, _ name: WireKey) {
    guard error == nil, let value else { return }
    do { try container.encode(value, forKey: name) } catch { self.error = error }
  }

  mutating func begin(type: StaticString, user: UUID?, service: String?) {
    begin(type: type.description, user: user, service: service)
  }
  private mutating func begin(type: String, user: UUID?, service: String?) {
    put(type, "type")
    put(user.map(\.uuidString)?.lowercased(), "user_id")
    put(service, "service")
  }
  mutating func add(_ name: StaticString, _ value: Int) { put(value, WireKey(name)) }
  mutating func add(_ name: StaticString, _ value: Int?) { put(value, WireKey(name)) }
  mutating func add(duration name: StaticString, _ value: Int) { put(value, WireKey(name)) }
  mutating func add(duration name: StaticString, _ value: Int?) { put(value, WireKey(name)) }
  mutating func add(_ name: StaticString, _ value: Bool) { put(value, WireKey(name)) }
  mutating func add(_ name: StaticString, _ value: UUID) {
    put(value.uuidString.lowercased(), WireKey(name))
  }
  mutating func add(_ name: StaticString, _ value: UUID?) {
    put(value?.uuidString.lowercased(), WireKey(name))
  }
  mutating func add(_ name: StaticString, _ value: String, _ privacy: FieldPrivacy) {
    put(value, WireKey(name))
  }
  mutating func add(_ name: StaticString, _ value: String?, _ privacy: FieldPrivacy) {
    put(value, WireKey(name))
  }
  mutating func add(_ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy) {
    put(value, WireKey(name))
  }
  mutating func visit(_ event: DynamicEvent) {
    begin(type: event.type, user: event.userID, service: event.service)
    for (name, value) in event.fields { put(value, WireKey(stringValue: name)) }
  }
  mutating func visit(_ event: AnalyticsEvent, with further: JSONObject) {
    event.describe(to: &self)
    for (name, value) in event.additionalFields(among: further) {
      put(value, WireKey(stringValue: name))
    }
  }
}
