import Analytics
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The fields of an event as somebody types them, `name=value`.
///
/// In an event of the catalogue its declaration says what a value is. In any other a value that is
/// JSON, such as `3`, `true` or `["a"]`, is taken as that, and everything else as text. Everything
/// thrown is a ``LineProblem`` or a ``CommandError``, neither with values.
final class ShellFields: EventFieldSource {
  private let texts: [ExactString: String]
  private let user: UUID?
  /// Which names the event had a use for.
  private var used: Set<ExactString> = ["user_id"]

  /// - Throws: For a name without a value, or one that is given twice or as an option.
  init(_ arguments: [String], user: UUID?) throws(CommandError) {
    var texts: [ExactString: String] = [:]
    for argument in arguments {
      guard let (head, value) = argument.cut(at: "="), !head.isEmpty else {
        throw CommandError("fields are given as name=value")
      }
      let name = ExactString(String(head))
      guard name != "type", name != "user_id" else {
        throw CommandError("\(name) is no field: the type comes first, the user as --user")
      }
      guard texts.updateValue(String(value), forKey: name) == nil else {
        throw CommandError("the field \(name) is given twice")
      }
    }
    (self.texts, self.user) = (texts, user)
  }

  /// The event of these fields; each must be one of its own.
  func event(type: String) throws -> AnalyticsEvent {
    let event = try AnalyticsEvent(type: type, from: self)
    if let name = texts.keys.sorted().first(where: { !used.contains($0) }) {
      throw CommandError("\(type) has no field \(name)")
    }
    return event
  }

  private func text(_ name: StaticString) -> String? {
    used.insert(ExactString(name.description))
    return texts[ExactString(name.description)]
  }

  private func present<Value>(_ value: Value?, _ name: StaticString) throws -> Value {
    if let value { return value }
    guard name.description != "user_id" else {
      throw CommandError("events of this type have a user: give --user")
    }
    throw LineProblem.missing(field: name.description)
  }

  func uuid(_ name: StaticString) throws -> UUID { try present(optionalUUID(name), name) }

  func optionalUUID(_ name: StaticString) throws -> UUID? {
    if name.description == "user_id" { return user }
    guard let text = text(name) else { return nil }
    guard let value = UUID(uuidString: text) else {
      throw LineProblem.wrongKind(field: name.description, expected: .uuid)
    }
    return value
  }

  func string(_ name: StaticString) throws -> String { try present(text(name), name) }
  func optionalString(_ name: StaticString) throws -> String? { text(name) }

  func bool(_ name: StaticString) throws -> Bool {
    guard let value = Bool(try present(text(name), name)) else {
      throw LineProblem.wrongKind(field: name.description, expected: .truth)
    }
    return value
  }

  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value {
    try present(optionalInteger(name), name)
  }

  func optionalInteger<Value: FixedWidthInteger & Decodable>(
    _ name: StaticString
  ) throws -> Value? {
    guard let text = text(name) else { return nil }
    guard let value = Value(text) else {
      throw LineProblem.wrongKind(field: name.description, expected: .wholeNumber)
    }
    let isDuration = name.description == "duration_ms" || name.description == "duration_seconds"
    if value < 0, isDuration { throw LineProblem.negative(field: name.description) }
    return value
  }

  func optionalJSON(_ name: StaticString) throws -> JSONValue? { text(name).map(Self.value) }

  func dynamicEvent(type: String) throws -> DynamicEvent {
    var event = DynamicEvent(type: type, userID: user, service: text("service"))
    for (name, text) in texts where name != "service" {
      used.insert(name)
      event.fields[name.text] = Self.value(text)
    }
    return event
  }

  /// The JSON that a text is, else the text.
  private static func value(_ text: String) -> JSONValue {
    var text = text
    return text.withUTF8 { utf8 in
      let line = JSONBytes(bytes: UnsafeRawBufferPointer(utf8))
      do {
        var scanner = JSONScanner(line.bytes)
        let span = try scanner.value()
        try scanner.expectEnd()
        return try JSONTree.value(span, in: line, field: "")
      } catch {
        return .string(String(decoding: utf8, as: UTF8.self))
      }
    }
  }
}
