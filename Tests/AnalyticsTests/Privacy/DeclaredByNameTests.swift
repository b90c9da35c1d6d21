import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Events of the catalogue with fields by name")
struct DeclaredByNameTests {
  private static let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
  private static let key = try! PrivacyKey(bytes: Array(repeating: 7, count: 32))

  private func row(
    _ event: AnalyticsEvent, _ preset: PrivacyPreset, hasKey: Bool
  ) throws -> CopyRow {
    try #require(
      try rows(privacy: preset, key: hasKey ? Self.key : nil) { $0.track(event) }.first)
  }

  /// The same event from the catalogue, and with names only.
  private func both(
    _ entry: CatalogueTable.Entry, _ random: inout SeededGenerator
  ) throws -> (declared: AnalyticsEvent, byName: DynamicEvent) {
    var object: [String: Any] = ["type": entry.type]
    for field in entry.fields { object[field.name] = field.value(&random) }
    let wire = try JSONSerialization.data(withJSONObject: object)
    var fields = try JSONDecoder().decode(JSONObject.self, from: wire)
    for column in ["type", "user_id", "service"] { fields[column] = nil }
    return (
      try JSONDecoder().decode(AnalyticsEvent.self, from: wire),
      DynamicEvent(
        type: entry.type, userID: (object["user_id"] as? String).flatMap { UUID(uuidString: $0) },
        service: object["service"] as? String, fields: fields)
    )
  }

  @Test(
    "are stored as the catalogue's own, whatever the preset", arguments: CatalogueTable.entries,
    PrivacyPreset.allCases)
  func same(entry: CatalogueTable.Entry, preset: PrivacyPreset) throws {
    var random = SeededGenerator.printingSeed()
    for hasKey in [true, false] {
      let (declared, byName) = try both(entry, &random)
      let expected = try row(declared, preset, hasKey: hasKey)
      for event in [
        AnalyticsEvent.custom(byName),
        .extended(
          .custom(
            DynamicEvent(type: byName.type, userID: byName.userID, service: byName.service)),
          with: byName.fields),
      ] {
        let found = try row(event, preset, hasKey: hasKey)
        #expect(try found.json == expected.json)
        #expect(found.type == expected.type && found.userID == expected.userID)
        #expect(found.service == expected.service)
      }
    }
  }

  @Test(
    "never store an OAuth state, under either name", arguments: PrivacyPreset.allCases,
    ["started", "completed"])
  func state(preset: PrivacyPreset, end: String) throws {
    for state in ["SECRET", ["SECRET"], ["SECRET": "SECRET"], 42] as [JSONValue] {
      for hasKey in [true, false] {
        for type in ["oauth_flow_\(end)", "o_auth_flow_\(end)"] {
          let found = try row(
            .custom(DynamicEvent(type: type, fields: ["state": state, "provider": "p"])), preset,
            hasKey: hasKey)
          #expect(found.type == "oauth_flow_\(end)")
          #expect(try found.json == ["provider": "p"] as NSDictionary)
        }
        // An additional field of an event without declared fields.
        let user = UUID()
        let further = try row(
          .extended(
            .oauthFlowCompleted(userID: user, provider: "p", success: true), with: ["state": state]),
          preset, hasKey: hasKey)
        #expect(try further.json == ["provider": "p", "success": true] as NSDictionary)
      }
    }
  }

  @Test("may have additional fields, which are undeclared; so is an id with an invalid value")
  func further() throws {
    let event = AnalyticsEvent.custom(
      DynamicEvent(
        type: "task_started",
        fields: ["task_id": "Ada", "cocoon_id": .string(Self.id), "note": "Ada", "n": 1]))
    #expect(
      try row(event, .strict, hasKey: false).json
        == ["cocoon_id": Self.id, "n": 1] as NSDictionary)
  }

  // MARK: The upstream's other spelling of OAuth

  @Test(
    "are the same event if OAuth is spelled as in the upstream library",
    arguments: [
      ("o_auth_flow_started", "oauth_flow_started", #""state":"SECRET""#),
      ("o_auth_flow_completed", "oauth_flow_completed", #""success":true,"error":"denied""#),
    ])
  func otherSpelling(wire: String, stored: String, fields: String) throws {
    func decode(_ type: String) throws -> AnalyticsEvent {
      let json =
        #"{"type":"\#(type)","user_id":"\#(Self.id)","provider":"p",\#(fields)}"#
      return try JSONDecoder().decode(AnalyticsEvent.self, from: Data(json.utf8))
    }
    let event = try decode(wire)
    #expect(try event == decode(stored))
    #expect(try row(event, .full, hasKey: false).type == stored)
    let written = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
    #expect(written.contains("\"\(stored)\"") && !written.contains("o_auth"))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(AnalyticsEvent.self, from: Data(#"{"type":"\#(wire)"}"#.utf8))
    }
  }
}
