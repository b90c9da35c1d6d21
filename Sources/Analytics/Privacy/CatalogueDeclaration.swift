import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the catalogue declares of the fields of a type, for events whose fields come by name: a secret is one
/// also in a ``DynamicEvent``.
struct CatalogueDeclaration {
  /// The type as it is stored.
  private(set) var type: StaticString = ""
  private var texts: [ExactString: FieldPrivacy] = [:]
  private var ids: Set<ExactString> = []

  /// `nil` for a type that the catalogue lacks.
  init?(type: String) {
    guard let event = try? AnalyticsEvent(type: type, from: AnyFields()) else { return nil }
    if case .custom = event { return nil }
    event.describe(to: &self)
    // What begins a flow may come with its end as well, and is no less secret there.
    if event.isOfOAuthFlow { texts[ExactString("state")] = .secret }
  }

  /// How private a field with this value is. One that is declared to be an id is plain where it is one.
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
  /// What the catalogue declares of an event's fields that come by name; `nil` where it has none of that
  /// kind, or lacks its type.
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

/// Has any field that is asked for, so that an event of any type can be made and looked at.
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
