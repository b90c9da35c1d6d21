#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// Where the fields of an event are read from: a `Decoder`, or a line of JSON.
///
/// Each method throws if the field is missing (unless its name says optional; `null` counts as
/// missing), has another type, or is outside the range of the result. A source remembers which fields
/// it was asked for: those are the ones that the event's type has.
package protocol EventFieldSource {
  func uuid(_ name: StaticString) throws -> UUID
  func optionalUUID(_ name: StaticString) throws -> UUID?
  func string(_ name: StaticString) throws -> String
  func optionalString(_ name: StaticString) throws -> String?
  func bool(_ name: StaticString) throws -> Bool
  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value
  func optionalInteger<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value?
  func optionalJSON(_ name: StaticString) throws -> JSONValue?
  /// All that the catalogue does not know.
  func dynamicEvent(type: String) throws -> DynamicEvent
  /// The fields that nobody has asked for, without those that are `null`.
  func furtherFields() throws -> JSONObject
}

extension EventFieldSource {
  /// A text that a privacy preset may have left out: then it is empty.
  func treatedString(_ name: StaticString) throws -> String {
    try optionalString(name) ?? ""
  }
}

extension AnalyticsEvent {
  /// Reads the fields of the event with this type; a type that the catalogue lacks is read as
  /// ``custom(_:)``, fields that the catalogue lacks as ``extended(_:with:)``. What the upstream library
  /// calls `o_auth_flow_…` on the wire is `oauth_flow_…`.
  package init(type: String, from fields: some EventFieldSource) throws {
    try self.init(declared: type, from: fields)
    var further = try fields.furtherFields()
    guard !further.isEmpty else { return }
    // They are columns of every event, so they are checked in every event.
    if case .some = further["user_id"] {
      further["user_id"] = try fields.optionalUUID("user_id").map {
        .string($0.uuidString.lowercased())
      }
    }
    if case .some = further["service"] {
      further["service"] = try fields.optionalString("service").map { .string($0) }
    }
    self = .extended(self, with: further)
  }
}
