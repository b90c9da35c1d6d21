#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A visitor of an event's fields, such as the row encoder and the wire encoder.
protocol EventVisitor: ~Copyable {
  mutating func begin(type: StaticString, user: UUID?, service: String?)
  mutating func add(_ name: StaticString, _ value: Int)
  mutating func add(_ name: StaticString, _ value: Int?)
  mutating func add(duration name: StaticString, _ value: Int)
  mutating func add(duration name: StaticString, _ value: Int?)
  mutating func add(_ name: StaticString, _ value: Bool)
  mutating func add(_ name: StaticString, _ value: UUID)
  mutating func add(_ name: StaticString, _ value: UUID?)
  mutating func add(_ name: StaticString, _ value: String, _ privacy: FieldPrivacy)
  mutating func add(_ name: StaticString, _ value: String?, _ privacy: FieldPrivacy)
  mutating func add(_ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy)
  mutating func visit(_ event: DynamicEvent)
  mutating func visit(_ event: AnalyticsEvent, with further: JSONObject)
}
