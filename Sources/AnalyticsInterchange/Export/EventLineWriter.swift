package import Analytics
import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes stored events as lines of the import format into an array.
///
/// ```json
/// {"timestamp":"…","id":"…","service":"…","hostname":"…","environment":"…",
///  "event":{"type":"…","user_id":"…", the fields of data}}
/// ```
/// NULL columns are left out. The service is written beside the event, except for types that have a
/// field of that name: those could not be read without it. Fields that have the name of a column
/// cannot be in the event. They are written beside it as `"data":{…}`, where `import --as-stored`
/// reads them, and so is data that is not an object.
package struct EventLineWriter {
  /// The lines so far, each with its line end.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  private static let typesWithService: Set<String> = [
    "api_request", "database_query", "application_error",
  ]

  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func append(_ event: EventColumns) {
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
    appendData(UnsafeRawBufferPointer(rebasing: event.data.dropFirst()))
    append("}\n")
  }

  /// Writes the fields and closes the event.
  private mutating func appendData(_ data: UnsafeRawBufferPointer) {
    guard data.first == UInt8(ascii: "{") else {
      append("},\"data\":")
      bytes.append(contentsOf: data)
      return
    }
    guard Self.mayNameColumn(data), let members = try? Self.members(data) else {
      let fields = data.dropFirst().dropLast()
      if !fields.isEmpty { append(",") }
      bytes.append(contentsOf: fields)
      append("}")
      return
    }
    append(members.filter { !$0.isColumn }, of: data, after: ",")
    append("}")
    let columns = members.filter(\.isColumn)
    guard !columns.isEmpty else { return }
    append(",\"data\":{")
    append(columns, of: data, after: "")
    append("}")
  }

  private mutating func append(
    _ members: [Member], of data: UnsafeRawBufferPointer, after first: StaticString
  ) {
    for (index, member) in members.enumerated() {
      append(index == 0 ? first : ",")
      bytes.append(contentsOf: data[member.range])
    }
  }

  /// The range of a field with its name in the data.
  private struct Member {
    var range: Range<Int>
    var isColumn: Bool
  }

  private static func members(_ data: UnsafeRawBufferPointer) throws(LineProblem) -> [Member] {
    let line = JSONBytes(bytes: data)
    var scanner = JSONScanner(data)
    var object = try scanner.beginObject()
    var members: [Member] = []
    while let key = try scanner.nextKey(&object) {
      let value = try scanner.value()
      members.append(
        Member(
          // From the quote before the name to the end. The span of a string excludes its quotes.
          range: Int(key.lower) - 1..<Int(value.upper) + (value.isText ? 1 : 0),
          isColumn: columns.contains { line.isKey(key, $0) }))
    }
    return members
  }

  private static let columns: [StaticString] = ["type", "user_id", "service"]

  /// Whether the name of a column occurs between quotes. This is rare, and may also be a value.
  private static func mayNameColumn(_ data: UnsafeRawBufferPointer) -> Bool {
    for index in data.indices where data[index] == UInt8(ascii: "\"") {
      let rest = data.count - index - 1
      for name in columns where name.utf8CodeUnitCount < rest {
        let length = name.utf8CodeUnitCount
        if data[index + 1] == name.utf8Start[0],
          memcmp(data.baseAddress! + index + 1, name.utf8Start, length) == 0,
          data[index + 1 + length] == UInt8(ascii: "\"")
        {
          return true
        }
      }
    }
    return false
  }

  package static func timestamp(_ bytes: UnsafeRawBufferPointer) -> EventTimestamp {
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
    // Almost all strings need no escapes.
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
    Hexadecimal.append(uuid: uuid, to: &bytes)
    append("\"")
  }
}
