#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension AnalyticsEvent: Codable {
  /// Reads `{"type": …, fields…}`.
  ///
  /// - Throws: `DecodingError` for a missing field, a wrong type, a number out of range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: WireKey.self)
    let type = try container.decode(String.self, forKey: "type")
    try self.init(type: type, from: DecodedFields(container: container))
  }

  /// Writes `{"type": …, fields…}`, leaving out what has no value.
  ///
  /// Everything is written as given: privacy is for storage.
  public func encode(to encoder: any Encoder) throws {
    var visitor = WireVisitor(container: encoder.container(keyedBy: WireKey.self))
    describe(to: &visitor)
    if let error = visitor.error { throw error }
  }
}

/// Any name.
struct WireKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringLiteral value: String) { stringValue = value }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
  init(_ name: StaticString) { stringValue = name.description }
}

private struct DecodedFields: EventFieldSource {
  let container: KeyedDecodingContainer<WireKey>

  func uuid(_ name: StaticString) throws -> UUID {
    try container.decode(UUID.self, forKey: WireKey(name))
  }
  func optionalUUID(_ name: StaticString) throws -> UUID? {
    try container.decodeIfPresent(UUID.self, forKey: WireKey(name))
  }
  func string(_ name: StaticString) throws -> String {
    try container.decode(String.self, forKey: WireKey(name))
  }
  func optionalString(_ name: StaticString) throws -> String? {
    try container.decodeIfPresent(String.self, forKey: WireKey(name))
  }
  func bool(_ name: StaticString) throws -> Bool {
    try container.decode(Bool.self, forKey: WireKey(name))
  }
  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value {
    try container.decode(Value.self, forKey: WireKey(name))
  }
  func optionalInteger<Value: FixedWidthInteger & Decodable>(
    _ name: StaticString
  ) throws -> Value? {
    try container.decodeIfPresent(Value.self, forKey: WireKey(name))
  }
  func optionalJSON(_ name: StaticString) throws -> JSONValue? {
    try container.decodeIfPresent(JSONValue.self, forKey: WireKey(name))
  }

  func dynamicEvent(type: String) throws -> DynamicEvent {
    var event = DynamicEvent(
      type: type, userID: try optionalUUID("user_id"), service: try optionalString("service"))
    for key in container.allKeys where !["type", "user_id", "service"].contains(key.stringValue) {
      event.fields[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
    }
    return event
  }
}

/// Writes fields into an encoder, and keeps the first error, since visiting does not throw.
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
}
