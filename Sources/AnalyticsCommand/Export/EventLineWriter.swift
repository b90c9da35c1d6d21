import Analytics
import AnalyticsText

/// Writes stored events as lines of the import format, one after the other into one array.
///
/// ```json
/// {"timestamp":"…","id":"…","service":"…","hostname":"…","environment":"…",
///  "event":{"type":"…","user_id":"…", the fields of data}}
/// ```
/// What is NULL is left out. Which service an event belongs to stands beside the event, but for
/// types that have a field of that name: they could not be read without it.
struct EventLineWriter {
  /// The lines so far, each with its end.
  private(set) var bytes: [UInt8] = []

  private static let typesWithService: Set<String> = [
    "api_request", "database_query", "application_error",
  ]

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func append(_ event: EventColumns) {
    let hasOwnService = Self.typesWithService.contains(String(decoding: event.type, as: UTF8.self))
    append("{\"timestamp\":\"")
    bytes.append(contentsOf: Self.timestamp(event.timestamp).description.utf8)
    append("\",\"id\":")
    append(uuid: event.id)
    if !hasOwnService { append(",\"service\":", text: event.service) }
    append(",\"hostname\":", text: event.hostname)
    append(",\"environment\":", text: event.environment)
    append(",\"event\":{\"type\":")
    append(text: event.type)
    if let userID = event.userID {
      append(",\"user_id\":")
      append(uuid: userID)
    }
    if hasOwnService { append(",\"service\":", text: event.service) }
    // Between version byte and brace, and the last brace.
    let fields = event.data.dropFirst(2).dropLast()
    if !fields.isEmpty { append(",") }
    bytes.append(contentsOf: fields)
    append("}}\n")
  }

  static func timestamp(_ bytes: UnsafeRawBufferPointer) -> EventTimestamp {
    EventTimestamp(
      microsecondsSincePostgresEpoch: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ name: StaticString, text: UnsafeRawBufferPointer?) {
    guard let text else { return }
    append(name)
    append(text: text)
  }

  private mutating func append(text: UnsafeRawBufferPointer) {
    // Nearly every text is written as it is.
    if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      append("\"")
      bytes.append(contentsOf: text)
      append("\"")
    } else {
      JSONString.append(text, to: &bytes)
    }
  }

  private mutating func append(uuid: UnsafeRawBufferPointer) {
    append("\"")
    for (index, byte) in uuid.enumerated() {
      if index == 4 || index == 6 || index == 8 || index == 10 { append("-") }
      bytes.append(Self.digits[Int(byte >> 4)])
      bytes.append(Self.digits[Int(byte & 15)])
    }
    append("\"")
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
