import Foundation
import Testing

@testable import Analytics

@Suite("Events that the catalogue lacks")
struct CustomEventTests {
  private func decode(_ json: String) throws -> AnalyticsEvent {
    try JSONDecoder().decode(AnalyticsEvent.self, from: Data(json.utf8))
  }

  @Test("are read as custom, with all their fields")
  func reads() throws {
    let user = UUID()
    let event = try decode(
      """
      {"type":"checkout","user_id":"\(user)","service":"shop","cents":4200,"rate":1.5,\
      "paid":true,"nothing":null,"items":[1,"a",{"b":[]}]}
      """)
    #expect(
      event
        == .custom(
          DynamicEvent(
            type: "checkout", userID: user, service: "shop",
            fields: [
              "cents": 4200, "rate": 1.5, "paid": true, "nothing": nil,
              "items": [1, "a", ["b": []]],
            ])))
  }

  @Test("survive the wire in both directions")
  func roundTrip() throws {
    let event = AnalyticsEvent.custom(
      DynamicEvent(
        type: "odd keys", userID: UUID(),
        fields: [
          "": "empty", "with \"quotes\"": 1, "emoji 🧪": nil, "nested": ["": ["a\\b": 1.25]],
          "big": .integer(.max), "small": .integer(.min),
        ]))
    #expect(
      try JSONDecoder().decode(AnalyticsEvent.self, from: JSONEncoder().encode(event)) == event)
  }

  @Test("need a type, which must be a text")
  func needsType() {
    for json in ["{}", #"{"type":null}"#, #"{"type":1}"#, "[]", "1", #""task_created""#] {
      #expect(throws: DecodingError.self, "\(json)") { try decode(json) }
    }
  }

  @Test("refuse an invalid user id")
  func badUser() {
    #expect(throws: DecodingError.self) { try decode(#"{"type":"x","user_id":"ada"}"#) }
  }

  @Test("have their origin in the wire format", arguments: [true, false])
  func enriched(hasOrigin: Bool) throws {
    let event = EnrichedEvent(
      timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_769_846_950_123_456),
      event: .projectDeleted(projectID: UUID(), userID: UUID()),
      hostname: hasOrigin ? "web-1" : nil, environment: hasOrigin ? "production" : nil)
    let data = try JSONEncoder().encode(event)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["timestamp"] as? String == "2026-01-31T08:09:10.123456Z")
    #expect(object["hostname"] as? String == event.hostname)
    #expect(object.count == (hasOrigin ? 4 : 2))
    #expect(try JSONDecoder().decode(EnrichedEvent.self, from: data) == event)
  }
}
