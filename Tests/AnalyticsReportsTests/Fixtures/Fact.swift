import Analytics
import Foundation

/// An event for recomputations. It is read from the wire form, without the code that reports use.
struct Fact: Sendable {
  /// Microseconds since 1970.
  let instant: Int64
  let type: String
  let user: String?
  let service: String
  let environment: String?
  /// The event's own fields: texts, whole numbers and flags.
  let texts: [String: String]
  let numbers: [String: Int]
  let flags: [String: Bool]

  /// - Parameter service: The service of events without a service of their own.
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
      // JSONSerialization returns a number for integers and booleans.
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
