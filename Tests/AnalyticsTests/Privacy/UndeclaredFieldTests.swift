import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Fields without declared privacy")
struct UndeclaredFieldTests {
  private static let key = try! PrivacyKey(bytes: Array("a key for tests, 32 bytes long !".utf8))

  struct Case: CustomStringConvertible {
    var preset: PrivacyPreset
    var hasKey: Bool
    var description: String { "\(preset), \(hasKey ? "with" : "without") a key" }
  }

  static let cases = PrivacyPreset.allCases.flatMap { preset in
    [true, false].map { Case(preset: preset, hasKey: $0) }
  }

  private static func row(_ case: Case, _ track: (AnalyticsClient) throws -> Void) throws -> CopyRow
  {
    try #require(
      try rows(privacy: `case`.preset, key: `case`.hasKey ? key : nil, track).first)
  }

  // MARK: The ways to add fields

  /// An application's own event that does not declare the privacy of its texts.
  private struct Own: TrackableEvent {
    static let eventType: StaticString = "own"
    var isMail: Bool
    var text: String
    var isOptional = false

    func encode(to fields: inout EventFields) {
      fields.add("count", 1)
      switch (isMail, isOptional) {
      case (true, false): fields.add("user_email", text)
      case (true, true): fields.add("user_email", Optional(text))
      case (false, false): fields.add("note", text)
      case (false, true): fields.add("note", Optional(text))
      }
    }
  }

  private struct OwnJSON: TrackableEvent {
    static let eventType: StaticString = "own"
    var json: JSONValue
    func encode(to fields: inout EventFields) {
      fields.add("count", 1)
      fields.add("json", json)
    }
  }

  /// All ways to add a named value to a row.
  enum Way: CaseIterable {
    case ownJSON, custom, customNested, extended, extendedNested, customExtended, wire
  }

  private static func track(
    _ name: String, _ value: JSONValue, by way: Way, _ client: AnalyticsClient
  ) throws {
    var field: JSONObject = [:]
    field[name] = value
    let alone = field
    field["count"] = 1
    let task = AnalyticsEvent.taskStarted(taskID: UUID(), userID: UUID())
    switch way {
    case .ownJSON: client.track(OwnJSON(json: ["deep": [.object(alone)]]))
    case .custom: client.track(.custom(DynamicEvent(type: "x", fields: field)))
    case .customNested:
      let fields: JSONObject = ["count": 1, "a": ["b": [.object(alone)]]]
      client.track(.custom(DynamicEvent(type: "x", fields: fields)))
    case .extended: client.track(.extended(task, with: field))
    case .extendedNested:
      client.track(.extended(.extended(task, with: ["a": .object(alone)]), with: ["count": 1]))
    case .customExtended: client.track(.extended(.custom(DynamicEvent(type: "x")), with: field))
    case .wire:
      field["type"] = "x"
      let wire = try JSONEncoder().encode(field)
      client.track(try JSONDecoder().decode(AnalyticsEvent.self, from: wire))
    }
  }

  // MARK: The table

  private static let texts = ["Ada@Example.org", "Ada Lovelace", "1.10"]

  /// The stored text according to the documentation.
  private static func expected(_ text: String, isMail: Bool, _ case: Case) -> String? {
    let isAddress = isMail || text == "Ada@Example.org"
    let hash = key.hash(isAddress ? text.lowercased() : text)
    switch `case`.preset {
    case .full: return text
    case .standard where !isAddress: return text
    case .standard where !`case`.hasKey: return text == "Ada@Example.org" ? "@example.org" : nil
    case .standard, .strict: return `case`.hasKey ? hash : nil
    }
  }

  @Test(
    "texts of own events are treated by the table, with nothing but their type", arguments: cases)
  func own(case: Case) throws {
    for text in Self.texts {
      for isMail in [true, false] {
        for isOptional in [true, false] {
          let row = try Self.row(`case`) {
            $0.track(Own(isMail: isMail, text: text, isOptional: isOptional))
          }
          let expected = Self.expected(text, isMail: isMail, `case`)
          var data: [String: Any] = ["count": 1]
          data[isMail ? "user_email" : "note"] = expected
          #expect(try row.json == data as NSDictionary, "\(text)")
        }
      }
    }
  }

  @Test("texts that are added by name follow the same table, in every way", arguments: cases)
  func byName(case: Case) throws {
    for way in Way.allCases {
      for text in Self.texts {
        for name in ["note", "user_email"] {
          let row = try Self.row(`case`) { try Self.track(name, .string(text), by: way, $0) }
          let expected = Self.expected(text, isMail: name == "user_email", `case`)
          let found = Found(try row.json)
          #expect(
            Set(found[name]) == Set([expected].compactMap(\.self)), "\(way), \(text), \(name)")
          #expect(found["count"] == ["1"], "\(way)")
        }
      }
    }
  }

  @Test("names that could be texts are treated like texts", arguments: cases)
  func tables(case: Case) throws {
    for way in Way.allCases {
      for text in Self.texts {
        let row = try Self.row(`case`) { try Self.track(text, 7, by: way, $0) }
        let expected = Self.expected(text, isMail: false, `case`)
        let found = Found(try row.json)
        #expect(found.names(of: "7") == Set([expected].compactMap(\.self)), "\(way), \(text)")
      }
    }
  }

  @Test("each text in a list is treated by the name of the list", arguments: cases)
  func lists(case: Case) throws {
    let list: JSONValue = .array(Self.texts.map { .string($0) } + [5, nil])
    for way in Way.allCases {
      for name in ["note", "user_email"] {
        let row = try Self.row(`case`) { try Self.track(name, list, by: way, $0) }
        let texts = Self.texts.compactMap {
          Self.expected($0, isMail: name == "user_email", `case`)
        }
        #expect(
          Set(Found(try row.json)[name]) == Set(texts + ["5", "<null>"]),
          "\(way), \(name)")
      }
    }
  }

  @Test(
    "numbers, booleans, times and ids stay, and so do texts that are declared plain",
    arguments: cases)
  func others(case: Case) throws {
    struct Plain: TrackableEvent {
      static let eventType: StaticString = "plain"
      func encode(to fields: inout EventFields) {
        fields.add("email", "ada@example.org", .plain)
        fields.add("at", EventTimestamp(microsecondsSinceUnixEpoch: 0))
        fields.add("id", UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
        fields.add("rate", 1.5)
        fields.add("flag", true)
        fields.add("json", ["email": ["ada@example.org"]], .plain)
      }
    }
    let row = try Self.row(`case`) { $0.track(Plain()) }
    #expect(
      String(decoding: row.data, as: UTF8.self)
        == #"{"email":"ada@example.org","at":"1970-01-01T00:00:00.000000Z","#
        + #""id":"00000000-0000-0000-0000-000000000000","rate":1.5,"flag":true,"#
        + #""json":{"email":["ada@example.org"]}}"#)
  }

  @Test("a row that was encoded before is accepted unchanged", arguments: cases)
  func asStored(case: Case) throws {
    var event = DynamicEvent(
      type: "o_auth_flow_started", fields: ["state": "s", "email": "ada@example.org", "a b": "c"])
    event.isAsStored = true
    let row = try Self.row(`case`) { $0.track(.custom(event)) }
    #expect(row.type == "o_auth_flow_started")
    #expect(
      try row.json == ["state": "s", "email": "ada@example.org", "a b": "c"] as NSDictionary)
  }
}

/// The scalars of JSON with the nearest name, at any depth.
private struct Found {
  private var values: [(name: String, value: String)] = []

  init(_ json: NSDictionary) { look(json, under: "") }

  subscript(name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

  func names(of value: String) -> Set<String> {
    Set(values.filter { $0.value == value }.map(\.name))
  }

  private mutating func look(_ value: Any, under name: String) {
    switch value {
    case let object as NSDictionary:
      for (name, value) in object { look(value, under: "\(name)") }
    case let list as NSArray:
      for value in list { look(value, under: name) }
    default: values.append((name, "\(value)"))
    }
  }
}
