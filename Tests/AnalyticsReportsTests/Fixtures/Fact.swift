import Analytics
import Foundation

/// An event as a recomputation sees it: its wire form, and nothing that the reports use.
struct Fact: Sendable {
  /// Microseconds since 1970.
  let instant: Int64
  let type: String
  let user: String?
  let service: String
  let environment: String?
  /// The event's own fields: text, whole numbers, whether something is so.
  let texts: [String: String]
  let numbers: [String: Int]
  let flags: [String: Bool]

  /// - Parameter service: Of events that do not say it themselves.
  init(_ event: EnrichedEvent, service: String) throws {
    try self.init(line: try JSONEncoder().encode(event), service: service)
    precondition(instant == event.timestamp.microsecondsSinceUnixEpoch)
  }

  /// Reads a line of NDJSON.
  init(line: Data, service: String) throws {
    let object = try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
    let event = object["event"] as? [String: Any] ?? [:]
    let timestamp = EventTimestamp(rfc3339: object["timestamp"] as? String ?? "")
    instant = timestamp?.microsecondsSinceUnixEpoch ?? 0
    type = event["type"] as? String ?? ""
    user = (event["user_id"] as? String)?.lowercased()
    self.service = event["service"] as? String ?? service
    environment = object["environment"] as? String
    var (texts, numbers, flags) = ([String: String](), [String: Int](), [String: Bool]())
    for (name, value) in event {
      switch value {
      case let text as String: texts[name] = text
      // JSONSerialization gives a number for both.
      case let number as NSNumber where String(cString: number.objCType) == "c":
        flags[name] = number.boolValue
      case let number as NSNumber: numbers[name] = number.intValue
      default: break
      }
    }
    (self.texts, self.numbers, self.flags) = (texts, numbers, flags)
  }

  var date: Date { Date(timeIntervalSince1970: Double(instant) / 1_000_000) }
}
