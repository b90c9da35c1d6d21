import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Random events under privacy")
struct RandomPrivacyTests {
  private static let key = try! PrivacyKey(bytes: Array(repeating: 7, count: 32))
  private static let task = AnalyticsEvent.taskStarted(taskID: UUID(), userID: UUID())

  private struct Own: TrackableEvent {
    static let eventType: StaticString = "own"
    var text: String
    var json: JSONValue
    func encode(to fields: inout EventFields) {
      fields.add("text", text)
      fields.add("email", text)
      fields.add("json", json)
    }
  }

  @Test(
    "in strict mode have no text in their row, and no name that could be one",
    arguments: [true, false])
  func strict(hasKey: Bool) throws {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<400 {
      let text = random.telling()
      let fields = random.object(depth: 4)
      let rows = try rows(privacy: .strict, key: hasKey ? Self.key : nil) {
        $0.track(.custom(DynamicEvent(type: "x", fields: fields)))
        $0.track(.extended(Self.task, with: fields))
        $0.track(Own(text: text, json: .object(fields)))
      }
      #expect(rows.count == 3)
      for row in rows {
        let data = String(decoding: row.data, as: UTF8.self)
        #expect(!data.lowercased().contains(SeededGenerator.word), "\(data)")
      }
    }
  }

  @Test(
    "are stored unchanged when their stored form is tracked again",
    arguments: PrivacyPreset.allCases, [true, false])
  func again(preset: PrivacyPreset, hasKey: Bool) throws {
    var random = SeededGenerator.printingSeed()
    func stored(_ fields: JSONObject, in event: (JSONObject) -> AnalyticsEvent) throws -> JSONObject
    {
      let row = try #require(
        try rows(privacy: preset, key: hasKey ? Self.key : nil) { $0.track(event(fields)) }.first)
      return try JSONDecoder().decode(JSONObject.self, from: Data(row.data))
    }
    for _ in 0..<200 {
      let fields = random.object(depth: 3)
      for event in [
        { .custom(DynamicEvent(type: "x", fields: $0)) }, { .extended(Self.task, with: $0) },
      ] as [(JSONObject) -> AnalyticsEvent] {
        let once = try stored(fields, in: event)
        #expect(try stored(once, in: event) == once)
      }
    }
  }
}

extension SeededGenerator {
  /// Every text that contains information has this word. No name that is an identifier has it.
  fileprivate static let word = "needle"

  /// A unique text that contains the word.
  fileprivate mutating func telling() -> String {
    let word = chance(0.5) ? Self.word : "Needle"
    let number = next() >> 12
    return switch below(7) {
    case 0: "\(word)@d\(number).example.org"
    case 1: " \(word)\(number)@d\(number).example.org\n"
    case 2: "\(word) \(number)"
    case 3: "hmac:\(word)\(number)"
    case 4: "\(number)\(word)@"
    case 5: "@\(word)\(number).org"
    default: "é\"\\\u{1}🧪\(word)\(number)"
    }
  }

  fileprivate mutating func object(depth: Int) -> JSONObject {
    var object = JSONObject()
    for _ in 0..<below(5) {
      let name =
        switch below(4) {
        case 0: "email"
        case 1: "user-email.\(below(9))"
        case 2: "field_\(below(1000))"
        default: telling()
        }
      object[name] = json(depth: depth - 1)
    }
    return object
  }

  private mutating func json(depth: Int) -> JSONValue {
    switch below(depth > 0 ? 8 : 5) {
    case 0: .null
    case 1: .bool(chance(0.5))
    case 2: .integer(Int64(next() >> 12))
    case 3, 4: .string(chance(0.1) ? "" : telling())
    case 5: .array((0..<below(4)).map { _ in json(depth: depth - 1) })
    default: .object(object(depth: depth))
    }
  }
}
