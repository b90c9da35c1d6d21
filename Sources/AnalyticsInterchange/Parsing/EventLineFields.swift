import Analytics
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The fields of a line's event, decoded on demand.
///
/// Borrows the bytes of the line and the list of members, and is valid only as long as both are. If
/// a key occurs twice, the last value counts. All errors are a ``LineProblem``.
struct EventLineFields: EventFieldSource {
  let line: JSONBytes
  let members: UnsafeMutableBufferPointer<JSONMember>

  /// The value under this name, for the event; `nil` if it is missing or null. Marks the member as
  /// read.
  private func value(_ name: StaticString) -> JSONSpan? {
    guard let index = index(of: name) else { return nil }
    members[index].isRead = true
    return members[index].value.kind == .null ? nil : members[index].value
  }

  /// The text under this name, if there is one. Does not mark the member as read by the event.
  func peek(_ name: StaticString) -> String? {
    guard let index = index(of: name), members[index].value.isText else { return nil }
    return line.text(members[index].value)
  }

  private func index(of name: StaticString) -> Int? {
    var index = members.count
    while index > 0 {
      index -= 1
      if line.isKey(members[index].key, name) { return index }
    }
    return nil
  }

  private func present<Value>(_ value: Value?, _ name: StaticString) throws -> Value {
    guard let value else { throw LineProblem.missing(field: name.description) }
    return value
  }

  private func wrong(_ name: StaticString, _ expected: LineProblem.Kind) -> LineProblem {
    .wrongKind(field: name.description, expected: expected)
  }

  func uuid(_ name: StaticString) throws -> UUID {
    try present(optionalUUID(name), name)
  }

  func optionalUUID(_ name: StaticString) throws -> UUID? {
    guard let span = value(name) else { return nil }
    if span.kind == .plainText, let value = Hexadecimal.uuid(line[span]) { return value }
    guard span.kind == .escapedText, let value = UUID(uuidString: line.text(span)) else {
      throw wrong(name, .uuid)
    }
    return value
  }

  func string(_ name: StaticString) throws -> String {
    try present(optionalString(name), name)
  }

  func optionalString(_ name: StaticString) throws -> String? {
    guard let span = value(name) else { return nil }
    guard span.isText else { throw wrong(name, .text) }
    return line.text(span)
  }

  func bool(_ name: StaticString) throws -> Bool {
    let span = try present(value(name), name)
    switch span.kind {
    case .yes: return true
    case .no: return false
    default: throw wrong(name, .truth)
    }
  }

  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value {
    try present(optionalInteger(name), name)
  }

  func optionalInteger<Value: FixedWidthInteger & Decodable>(
    _ name: StaticString
  ) throws -> Value? {
    guard let span = value(name) else { return nil }
    switch WrittenNumber.wholeNumber(line[span], span.kind) {
    case .notWhole: throw wrong(name, .wholeNumber)
    case .tooLarge: throw LineProblem.outOfRange(field: name.description)
    case .value(let number):
      if number < 0, isDuration(name) { throw LineProblem.negative(field: name.description) }
      guard let value = Value(exactly: number) else {
        throw LineProblem.outOfRange(field: name.description)
      }
      return value
    }
  }

  /// A negative duration would distort every histogram it is counted in, so it is refused here.
  private func isDuration(_ name: StaticString) -> Bool {
    let name = name.description
    return name == "duration_ms" || name == "duration_seconds"
  }

  func optionalJSON(_ name: StaticString) throws -> JSONValue? {
    guard let span = value(name) else { return nil }
    return try JSONTree.value(span, in: line, field: name.description)
  }

  func dynamicEvent(type: String) throws -> DynamicEvent {
    var event = DynamicEvent(
      type: type, userID: try optionalUUID("user_id"), service: try optionalString("service"))
    event.fields = try unasked { _ in true }
    return event
  }

  func furtherFields() throws -> JSONObject {
    // Most lines have none.
    guard members.contains(where: { !$0.isRead }) else { return JSONObject() }
    return try unasked { $0.kind != .null }
  }

  /// The members that have not been read; marks them as read.
  private func unasked(where isWanted: (JSONSpan) -> Bool) throws -> JSONObject {
    var fields = JSONObject()
    for index in members.indices {
      let member = members[index]
      members[index].isRead = true
      guard !member.isRead, isWanted(member.value) else {
        // This is the last member of its name so far, so it counts. It has been read or is not
        // wanted, so an earlier one is dropped.
        if !fields.isEmpty { fields[line.text(member.key)] = .none }
        continue
      }
      // Messages do not contain the names of further fields, which may be private.
      fields[line.text(member.key)] = try JSONTree.value(
        member.value, in: line, field: "a field of the event")
    }
    return fields
  }
}
