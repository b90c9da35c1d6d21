import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The privacy that the catalogue declares for the fields of an event type, for events whose fields
/// come by name. So a field that is secret in the catalogue is secret in a ``DynamicEvent``, too.
struct CatalogueDeclaration {
  /// The type under which the event is stored.
  private(set) var type: StaticString = ""
  private var texts: [ExactString: FieldPrivacy] = [:]
  private var ids: Set<ExactString> = []

  /// Returns `nil` for a type that is not in the catalogue.
  init?(type: String) {
    guard let event = try? AnalyticsEvent(type: type, from: AnyFields()) else { return nil }
    if case .custom = event { return nil }
    event.describe(to: &self)
    // `state` may also come with the event that ends a flow, and is just as secret there.
    if event.isOfOAuthFlow { texts[ExactString("state")] = .secret }
  }

  /// Returns the privacy of a field. A field that is declared as an id is plain only if its value
  /// is a UUID.
  func privacy(of name: String, _ value: JSONValue) -> FieldPrivacy {
    let name = ExactString(name)
    if let declared = texts[name] { return declared }
    guard ids.contains(name), case .string(let text) = value, UUID(uuidString: text) != nil else {
      return .undeclared
    }
    return .plain
  }
}

extension AnalyticsEvent {
  /// The declaration for the event's named fields; `nil` if the event has none that the catalogue
  /// may declare, or if its type is not in the catalogue.
  var declarationByName: CatalogueDeclaration? {
    switch self {
    case .custom(let event): CatalogueDeclaration(type: event.type)
    case .extended(let event, _): event.declarationByName
    case _ where isOfOAuthFlow: CatalogueDeclaration(type: "oauth_flow_completed")
    default: nil
    }
  }

  fileprivate var isOfOAuthFlow: Bool {
    switch self {
    case .oauthFlowStarted, .oauthFlowCompleted: true
    default: false
    }
  }
}

extension CatalogueDeclaration: EventVisitor {
  mutating func begin(type: StaticString, user: UUID?, service: String?) { self.type = type }
  mutating func add(_ name: StaticString, _ value: Int) {}
  mutating func add(_ name: StaticString, _ value: Int?) {}
  mutating func add(duration name: StaticString, _ value: Int) {}
  mutating func add(duration name: StaticString, _ value: Int?) {}
  mutating func add(_ name: StaticString, _ value: Bool) {}
  mutating func add(_ name: StaticString, _ value: UUID) {
    ids.insert(ExactString(name.description))
  }
  mutating func add(_ name: StaticString, _ value: UUID?) {
    ids.insert(ExactString(name.description))
  }
  mutating func add(_ name: StaticString, _ value: String, _ privacy: FieldPrivacy) {
    texts[ExactString(name.description)] = privacy
  }
  mutating func add(_ name: StaticString, _ value: String?, _ privacy: FieldPrivacy) {
    texts[ExactString(name.description)] = privacy
  }
  mutating func add(_ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy) {
    texts[ExactString(name.description)] = privacy
  }
  mutating func visit(_ event: DynamicEvent) {}
  mutating func visit(_ event: AnalyticsEvent, with further: JSONObject) {}
}

/// Returns a dummy value for every field, so that an event of any catalogue type can be created and
/// inspected.
private struct AnyFields: EventFieldSource {
  func uuid(_ name: StaticString) -> UUID {
    UUID(first16: Array(repeating: 0, count: 16), version: 0)
  }
  func optionalUUID(_ name: StaticString) -> UUID? { nil }
  func string(_ name: StaticString) -> String { "" }
  func optionalString(_ name: StaticString) -> String? { nil }
  func bool(_ name: StaticString) -> Bool { false }
  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) -> Value { 0 }
  func optionalInteger<Value: FixedWidthInteger & Decodable>(_ name: StaticString) -> Value? { nil }
  func optionalJSON(_ name: StaticString) -> JSONValue? { nil }
  func dynamicEvent(type: String) -> DynamicEvent { DynamicEvent(type: type) }
  func furtherFields() -> JSONObject { [:] }
}
