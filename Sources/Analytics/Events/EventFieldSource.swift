#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// A source of an event's fields: a `Decoder`, or a line of JSON.
///
/// Each method throws if the field is missing, has another type, or is outside the range of the
/// result. Methods whose name says optional return `nil` for a missing field; `null` counts as
/// missing. A source records which fields were requested; all others are additional fields of the
/// event.
package protocol EventFieldSource {
  func uuid(_ name: StaticString) throws -> UUID
  func optionalUUID(_ name: StaticString) throws -> UUID?
  func string(_ name: StaticString) throws -> String
  func optionalString(_ name: StaticString) throws -> String?
  func bool(_ name: StaticString) throws -> Bool
  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value
  func optionalInteger<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value?
  func optionalJSON(_ name: StaticString) throws -> JSONValue?
  /// Returns an event of a type that is not in the catalogue, with all its fields.
  func dynamicEvent(type: String) throws -> DynamicEvent
  /// Returns the fields that were not requested, without `null` values.
  func furtherFields() throws -> JSONObject
}

extension EventFieldSource {
  /// Reads a string that a privacy preset may have left out; if it is missing, the result is empty.
  func treatedString(_ name: StaticString) throws -> String {
    try optionalString(name) ?? ""
  }
}

extension AnalyticsEvent {
  /// Reads an event of the given type.
  ///
  /// A type that is not in the catalogue is read as ``custom(_:)``, and fields that are not in the
  /// catalogue as ``extended(_:with:)``. The upstream library's wire names `o_auth_flow_…` are read
  /// as `oauth_flow_…`.
  package init(type: String, from fields: some EventFieldSource) throws {
    try self.init(declared: type, from: fields)
    var further = try fields.furtherFields()
    guard !further.isEmpty else { return }
    // `user_id` and `service` are columns of every event, so their values are checked in every
    // event.
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
