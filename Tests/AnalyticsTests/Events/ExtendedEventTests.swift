import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Events of the catalogue with additional fields")
struct ExtendedEventTests {
  private let started = AnalyticsEvent.taskStarted(taskID: UUID(), userID: UUID())
  private let query = AnalyticsEvent.databaseQuery(
    service: "own", queryType: "select", durationMS: 1)
  private let hook = AnalyticsEvent.webhookReceived(
    provider: "github", eventType: "push", deliveryID: "d")

  private func row(
    _ event: AnalyticsEvent, privacy: PrivacyPreset = .full, key: PrivacyKey? = nil
  ) throws -> CopyRow {
    try #require(try rows(service: "client", privacy: privacy, key: key) { $0.track(event) }.first)
  }

  private func dropped(_ event: AnalyticsEvent) throws -> DropReason? {
    var reason: DropReason?
    _ = try rows { reason = $0.track(event) }
    return reason
  }

  @Test("have both kinds of fields in one row")
  func both() throws {
    let row = try row(.extended(query, with: ["plan": "pro", "deep": ["a": [1, nil]], "no": nil]))
    #expect(
      String(decoding: row.data, as: UTF8.self)
        == #"{"query_type":"select","duration_ms":1,"deep":{"a":[1,null]},"plan":"pro"}"#)
    #expect(row.service == "own")
  }

  @Test("have each field of the event once, with the event's value, even if it is absent there")
  func ownFields() throws {
    let further: JSONObject = [
      "type": "x", "service": "x", "query_type": "x", "rows_affected": 5, "duration_ms": "x",
    ]
    let row = try row(.extended(query, with: further))
    #expect(row.type == "database_query")
    #expect(row.service == "own")
    #expect(
      String(decoding: row.data, as: UTF8.self) == #"{"query_type":"select","duration_ms":1}"#)
    let wire = try JSONEncoder().encode(AnalyticsEvent.extended(query, with: further))
    #expect(try JSONDecoder().decode(AnalyticsEvent.self, from: wire) == query)
  }

  @Test("fill the columns of an event that has no user or no service of its own")
  func columns() throws {
    let user = UUID()
    let further: JSONObject = ["user_id": .string(user.uuidString), "service": "theirs", "a": 1]
    for event in [hook, .custom(DynamicEvent(type: "t", fields: ["b": 2]))] {
      let row = try row(.extended(event, with: further))
      #expect(row.userID == user)
      #expect(row.service == "theirs")
      #expect(try row.json["a"] as? Int == 1)
      #expect(try row.json["user_id"] == nil && row.json["service"] == nil)
    }
    let own = try row(.extended(started, with: further))
    #expect(own.userID != user && own.userID != nil)
    #expect(own.service == "theirs")
    // The next event is not affected.
    let next = try rows(service: "client") {
      $0.track(.extended(hook, with: further))
      $0.track(hook)
    }
    #expect(Set(next.map(\.service)) == ["theirs", "client"])
    #expect(next.compactMap(\.userID) == [user])
  }

  @Test(
    "are invalid if a column cannot store the given value",
    arguments: ["user_id", "service"], [5, "", ["a"]] as [JSONValue])
  func wrongColumns(name: String, value: JSONValue) throws {
    #expect(try dropped(.extended(hook, with: [name: value])) == .invalid)
  }

  @Test("are encoded and decoded with their columns, which are checked")
  func wire() throws {
    let user = UUID().uuidString.lowercased()
    let event = AnalyticsEvent.extended(
      hook, with: ["user_id": .string(user), "service": "s", "a": [1]])
    let wire = try JSONEncoder().encode(event)
    #expect(try JSONDecoder().decode(AnalyticsEvent.self, from: wire) == event)
    for wrong in ["\"ada\"", "5"] {
      let text = String(decoding: wire, as: UTF8.self).replacing("\"\(user)\"", with: wrong)
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(AnalyticsEvent.self, from: Data(text.utf8))
      }
    }
  }

  @Test("may be extended again; the inner fields take precedence")
  func nested() throws {
    let row = try row(
      .extended(
        .extended(hook, with: ["a": 1, "service": "inner"]),
        with: ["a": 2, "b": 3, "service": "outer"]))
    #expect(row.service == "inner")
    #expect(try row.json["a"] as? Int == 1)
    #expect(try row.json["b"] as? Int == 3)
  }

  @Test("without additional fields are the same row")
  func nothing() throws {
    #expect(try row(.extended(hook, with: [:])).data == row(hook).data)
  }

  private static let person: JSONObject = [
    "note": "call Ada", "count": 3, "exact": .exact(JSONNumber("1.10")!), "ok": true,
    "by_address": ["ada@example.org": 1, "seats": 2], "list": ["Ada", 1], "names": ["Ada", "Bob"],
    "ada lovelace": 5, "4411": "x", "": 0,
  ]

  @Test(
    "keep their texts with full and standard privacy, except addresses",
    arguments: [PrivacyPreset.full, .standard])
  func open(preset: PrivacyPreset) throws {
    let data = try row(.extended(hook, with: Self.person), privacy: preset).json
    #expect(data["note"] as? String == "call Ada")
    let address = preset == .full ? "ada@example.org" : "@example.org"
    #expect(data["by_address"] as? NSDictionary == [address: 1, "seats": 2])
    #expect(data.count == 3 + Self.person.count)
  }

  @Test("have no text and no name of a person in strict mode without a key, but all numbers")
  func strictWithoutKey() throws {
    let data = try row(.extended(hook, with: Self.person), privacy: .strict)
    #expect(
      String(decoding: data.data, as: UTF8.self)
        == #"{"provider":"github","event_type":"push","delivery_id":"d","":0,"#
        + #""by_address":{"seats":2},"count":3,"exact":1.10,"list":[1],"ok":true}"#)
  }

  @Test("have hashes of texts and of unusual names in strict mode with a key, always the same")
  func strictWithKey() throws {
    let key = try PrivacyKey(bytes: Array(repeating: 7, count: 32))
    let event = AnalyticsEvent.extended(hook, with: Self.person)
    let stored = try row(event, privacy: .strict, key: key)
    let text = String(decoding: stored.data, as: UTF8.self)
    for word in ["Ada", "lovelace", "Bob", "@"] { #expect(!text.contains(word)) }
    let data = try stored.json
    #expect(data["note"] as? String == key.hash("call Ada"))
    #expect((data["by_address"] as? NSDictionary)?[key.hash("ada@example.org")] as? Int == 1)
    #expect(data[key.hash("ada lovelace")] as? Int == 5)
    let again = try JSONDecoder().decode(JSONObject.self, from: Data(stored.data))
    #expect(
      try row(.extended(hook, with: again), privacy: .strict, key: key).json == stored.json)
  }
}
