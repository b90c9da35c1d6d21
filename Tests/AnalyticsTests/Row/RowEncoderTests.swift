import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Rows, read back by an independent reader")
struct RowEncoderTests {
  /// An event of an application with a field of every kind.
  private struct Everything: TrackableEvent {
    static let eventType: StaticString = "everything"
    var userID: UUID?
    var service: String?
    var text: String
    var integer: Int
    var double: Double
    var bool: Bool
    var uuid: UUID
    var time: EventTimestamp
    var json: JSONValue
    var isComplete: Bool

    func encode(to fields: inout EventFields) {
      fields.add("text", text)
      fields.add("integer", integer)
      fields.add("double", double)
      fields.add("bool", bool)
      fields.add("uuid", uuid)
      fields.add("time", time)
      fields.add("json", json)
      fields.add("optional_text", isComplete ? text : nil)
      fields.add("optional_integer", isComplete ? integer : nil)
      fields.add("optional_double", isComplete ? double : nil)
      fields.add("optional_bool", isComplete ? bool : nil)
      fields.add("optional_uuid", isComplete ? uuid : nil)
    }

    /// The data that Foundation must read. It is built from the values, without our writer.
    var expected: NSDictionary {
      var object: [String: Any] = [
        "text": stored(text), "integer": number(integer), "double": number(double), "bool": bool,
        "uuid": uuid.uuidString.lowercased(), "time": time.description, "json": foundation(json),
      ]
      if isComplete {
        object.merge([
          "optional_text": stored(text), "optional_integer": number(integer),
          "optional_double": number(double), "optional_bool": bool,
          "optional_uuid": uuid.uuidString.lowercased(),
        ]) { $1 }
      }
      return object as NSDictionary
    }
  }

  @Test("have exactly the values of random events")
  func randomEvents() throws {
    var random = SeededGenerator.printingSeed()
    var events: [Everything] = []
    for _ in 0..<2000 {
      events.append(
        Everything(
          userID: random.chance(0.5) ? random.uuid() : nil,
          service: random.chance(0.5) ? "s\(random.below(100))" : nil,
          text: random.nastyText(), integer: random.integer(), double: random.double(),
          bool: random.chance(0.5), uuid: random.uuid(),
          time: EventTimestamp(microsecondsSinceUnixEpoch: Int64(random.below(1 << 50))),
          json: Self.json(&random, depth: 4), isComplete: random.chance(0.5)))
    }
    let rows = try rows(service: "own", hostname: "h", environment: nil) { client in
      for (index, event) in events.enumerated() {
        #expect(client.track(event, at: Self.time(index)) == nil)
      }
    }
    // Threads may move between processors, and so their events may be in several stripes.
    let byTime = Dictionary(uniqueKeysWithValues: rows.map { ($0.timestamp, $0) })
    #expect(byTime.count == events.count)
    for (index, event) in events.enumerated() {
      let row = try #require(byTime[Self.time(index).microsecondsSincePostgresEpoch])
      #expect(row.type == "everything")
      #expect(row.service == event.service ?? "own")
      #expect(row.userID == event.userID)
      #expect(row.hostname == "h")
      #expect(row.environment == nil)
      let text = String(decoding: row.data, as: UTF8.self)
      #expect(try row.json == event.expected, "\(text)")
    }
  }

  private static func time(_ index: Int) -> EventTimestamp {
    EventTimestamp(microsecondsSinceUnixEpoch: 1_790_000_000_000_000 + Int64(index))
  }

  private static func json(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
    switch random.below(depth == 0 ? 5 : 7) {
    case 0: .null
    case 1: .bool(random.chance(0.5))
    case 2: .integer(Int64(random.integer()))
    case 3: .number(random.double())
    case 4: .string(random.nastyText(lengthMax: 12))
    case 5: .array((0..<random.below(4)).map { _ in json(&random, depth: depth - 1) })
    default:
      .object(
        (0..<random.below(4)).reduce(into: JSONObject()) { object, _ in
          object[random.nastyText(lengthMax: 5)] = json(&random, depth: depth - 1)
        })
    }
  }

  @Test("have floating-point numbers that are exact to the last bit")
  func doubles() throws {
    var random = SeededGenerator.printingSeed()
    let values = (0..<5000).map { _ in random.double() }
    let list = JSONValue.array(values.map(JSONValue.number))
    let rows = try rows { $0.track(.custom(DynamicEvent(type: "t", fields: ["list": list]))) }
    let found = try JSONDecoder().decode([String: [Double?]].self, from: Data(rows[0].data))
    #expect(found["list"]?.map(\.?.bitPattern) == values.map { $0.isFinite ? $0.bitPattern : nil })
  }

  @Test("are divided into the pieces that the library's own reader finds")
  func ownReader() throws {
    let batch = try EventBatch.encoding(
      SampleEvents.oneOfEach().map {
        EnrichedEvent(timestamp: Self.time(0), event: $0, hostname: "h", environment: "e")
      }, ids: (0..<29).map { _ in UUID() })
    var bytes: [UInt8] = []
    batch.forEachChunk { bytes += $0 }
    var own: [StoredEvent] = []
    batch.forEachRow { own.append(StoredEvent($0)) }
    let independent = try CopyRow.all(bytes)
    #expect(own.map(\.id) == independent.map(\.id))
    #expect(own.map(\.data) == independent.map { String(decoding: $0.data, as: UTF8.self) })
    #expect(own.map(\.userID) == independent.map(\.userID))
    #expect(own.map(\.environment) == independent.map(\.environment))
  }
}

/// The stored form of a text. PostgreSQL cannot store U+0000.
private func stored(_ text: String) -> String {
  String(decoding: text.utf8.flatMap { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] }, as: UTF8.self)
}

/// A whole number as JSONSerialization reads it, which is not always equal to the same `Int`.
private func number(_ value: Int) -> Any {
  let read = try? JSONSerialization.jsonObject(with: Data("[\(value)]".utf8)) as? [Any]
  return read?.first ?? NSNull()
}

/// The shortest digits of a number as JSONSerialization reads them, which is not always exact.
private func number(_ value: Double) -> Any {
  guard value.isFinite else { return NSNull() }
  let read = try? JSONSerialization.jsonObject(with: Data("[\(value)]".utf8)) as? [Any]
  return read?.first ?? NSNull()
}

private func foundation(_ value: JSONValue) -> Any {
  switch value {
  case .null: NSNull()
  case .bool(let flag): flag
  case .integer(let integer): number(Int(integer))
  case .number(let double): number(double)
  case .exact(let exact): number(Double(exact.description) ?? .nan)
  case .string(let text): stored(text)
  case .array(let items): items.map(foundation)
  case .object(let fields):
    // The members are in the order in which they are written, because the last of two equal names counts.
    Dictionary(
      fields.map { (stored($0.name), foundation($0.value)) },
      uniquingKeysWith: { $1 }) as [String: Any]
  }
}
