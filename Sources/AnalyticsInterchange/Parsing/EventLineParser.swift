package import Analytics
import AnalyticsText

#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// The content of a line.
package struct EventLine: Hashable, Sendable {
  /// The event with its time and its origin.
  package var event: EnrichedEvent
  /// The ID in the line. If there is none, an importer derives one.
  package var id: UUID?
  /// The service of an event that does not name its own.
  package var service: String?
}

/// Parses lines of newline-delimited JSON.
///
/// A line is an object in the wire format of ``EnrichedEvent`` with two more keys:
/// ```json
/// {"timestamp": "…", "event": {"type": "…", …}, "hostname"?, "environment"?, "id"?, "service"?}
/// ```
/// `null` is the same as a missing key. If a key occurs twice, the last value counts, as in
/// `jsonb`. Unknown keys beside the event are checked as JSON and ignored, so that files of newer
/// versions and other writers can be read. An event keeps all of its fields.
///
/// The parser reuses its memory from line to line: use one for a whole file. It reads the bytes of
/// a line only during the call, and keeps none.
package struct EventLineParser: ~Copyable {
  /// The members of the event object that is being parsed.
  private var members: [JSONMember] = []

  /// Whether fields are taken without checks: see ``init(isAsStored:)``.
  private let isAsStored: Bool

  /// - Parameter isAsStored: Whether the lines are events as they were stored. Their fields are
  ///   taken unchanged, even where the catalogue would refuse, add or change one: privacy was
  ///   applied when they were first stored. Fields that have the name of a column are under `data`,
  ///   beside the event.
  package init(isAsStored: Bool = false) {
    self.isAsStored = isAsStored
    members.reserveCapacity(16)
  }

  /// Parses a line without its line end.
  package mutating func parse(
    _ bytes: UnsafeRawBufferPointer
  ) throws(LineProblem) -> EventLine {
    guard bytes.count <= LineLimits.lineBytesMax else { throw .tooLong }
    let line = JSONBytes(bytes: bytes)
    let top = try scan(line)
    guard let timestamp = try top.timestamp(in: line) else {
      throw .missing(field: "timestamp")
    }
    return EventLine(
      event: EnrichedEvent(
        timestamp: timestamp,
        event: try event(top, in: line),
        hostname: try top.text(top.hostname, "hostname", in: line),
        environment: try top.text(top.environment, "environment", in: line)),
      id: try top.uuid(in: line),
      service: try checkedName(
        try top.text(top.service, "service", in: line), "service"))
  }

  /// Parses an event alone: the value of `"event"` in a line.
  package mutating func parseEvent(
    _ bytes: UnsafeRawBufferPointer
  ) throws(LineProblem) -> AnalyticsEvent {
    guard bytes.count <= LineLimits.lineBytesMax else { throw .tooLong }
    let line = JSONBytes(bytes: bytes)
    var scanner = JSONScanner(bytes)
    var top = TopLevel()
    top.event = try scanEvent(&scanner)
    try scanner.expectEnd()
    return try event(top, in: line)
  }

  private mutating func event(
    _ top: TopLevel, in line: JSONBytes
  ) throws(LineProblem) -> AnalyticsEvent {
    guard let span = top.event else { throw .missing(field: "event") }
    guard span.kind == .object else { throw .wrongKind(field: "event", expected: .object) }
    do {
      return try members.withUnsafeMutableBufferPointer { [isAsStored] members in
        let fields = EventLineFields(line: line, members: members)
        let type = try fields.string("type")
        _ = try checkedName(type, "type")
        // Checked here before the event reads it. Most events have no such field.
        _ = try checkedName(fields.peek("service"), "service")
        guard isAsStored else { return try AnalyticsEvent(type: type, from: fields) }
        var event = try fields.dynamicEvent(type: type)
        event.isAsStored = true
        for (name, value) in try top.data(in: line) { event.fields[name] = value }
        return .custom(event)
      }
    } catch let problem as LineProblem {
      throw problem
    } catch {
      preconditionFailure("EventLineFields throws nothing but LineProblem")
    }
  }

  /// Parses the whole line once: the top level into `TopLevel`, the event's members into `members`.
  private mutating func scan(_ line: JSONBytes) throws(LineProblem) -> TopLevel {
    var scanner = JSONScanner(line.bytes)
    scanner.skipWhitespace()
    guard scanner.position < line.bytes.count, line.bytes[scanner.position] == UInt8(ascii: "{")
    else {
      // Distinguishes valid JSON that is no object from invalid JSON, for the message.
      _ = try scanner.value()
      try scanner.expectEnd()
      throw .notAnObject
    }
    var top = TopLevel()
    var object = try scanner.beginObject()
    while let key = try scanner.nextKey(&object) {
      if line.isKey(key, "event") {
        top.event = try scanEvent(&scanner)
      } else {
        top.keep(try scanner.value(), under: key, in: line)
      }
    }
    try scanner.expectEnd()
    return top
  }

  private mutating func scanEvent(_ scanner: inout JSONScanner) throws(LineProblem) -> JSONSpan {
    scanner.skipWhitespace()
    members.removeAll(keepingCapacity: true)
    let start = scanner.position
    guard start < scanner.bytes.count, scanner.bytes[start] == UInt8(ascii: "{") else {
      return try scanner.value()
    }
    var object = try scanner.beginObject()
    while let key = try scanner.nextKey(&object) {
      members.append(JSONMember(key: key, value: try scanner.value()))
    }
    return JSONSpan(start, scanner.position, .object)
  }
}

/// Refuses a name that its column would refuse.
private func checkedName(_ name: String?, _ field: String) throws(LineProblem) -> String? {
  guard let name else { return nil }
  let length = name.utf8.count
  guard length >= 1, length <= LineLimits.nameBytesMax else { throw .wrongLength(field: field) }
  // Storing replaces U+0000 by U+FFFD, which takes two more bytes.
  guard name.utf8.reduce(length, { $1 == 0 ? $0 + 2 : $0 }) <= LineLimits.nameBytesMax else {
    throw .wrongLength(field: field)
  }
  return name
}

/// The positions of the known keys of a line's top-level object.
private struct TopLevel {
  var timestampSpan: JSONSpan?
  var event: JSONSpan?
  var hostname: JSONSpan?
  var environment: JSONSpan?
  var id: JSONSpan?
  var service: JSONSpan?
  var data: JSONSpan?

  mutating func keep(_ value: JSONSpan, under key: JSONSpan, in line: JSONBytes) {
    if line.isKey(key, "timestamp") {
      timestampSpan = value
    } else if line.isKey(key, "environment") {
      environment = value
    } else if line.isKey(key, "hostname") {
      hostname = value
    } else if line.isKey(key, "id") {
      id = value
    } else if line.isKey(key, "service") {
      service = value
    } else if line.isKey(key, "data") {
      data = value
    }
  }

  func timestamp(in line: JSONBytes) throws(LineProblem) -> EventTimestamp? {
    guard let span = timestampSpan, span.kind != .null else { return nil }
    let timestamp =
      switch span.kind {
      case .plainText: EventTimestamp(rfc3339Bytes: line[span])
      case .escapedText: EventTimestamp(rfc3339: line.text(span))
      default: EventTimestamp?.none
      }
    guard let timestamp else { throw .wrongKind(field: "timestamp", expected: .timestamp) }
    return timestamp
  }

  /// The fields beside the event.
  func data(in line: JSONBytes) throws(LineProblem) -> JSONObject {
    guard let data else { return JSONObject() }
    guard case .object(let fields) = try JSONTree.value(data, in: line, field: "data") else {
      throw .wrongKind(field: "data", expected: .object)
    }
    return fields
  }

  func text(
    _ span: JSONSpan?, _ field: String, in line: JSONBytes
  ) throws(LineProblem) -> String? {
    guard let span, span.kind != .null else { return nil }
    guard span.isText else { throw .wrongKind(field: field, expected: .text) }
    return line.text(span)
  }

  func uuid(in line: JSONBytes) throws(LineProblem) -> UUID? {
    guard let span = id, span.kind != .null else { return nil }
    let value =
      switch span.kind {
      case .plainText: Hexadecimal.uuid(line[span])
      case .escapedText: UUID(uuidString: line.text(span))
      default: UUID?.none
      }
    guard let value else { throw .wrongKind(field: "id", expected: .uuid) }
    return value
  }
}
