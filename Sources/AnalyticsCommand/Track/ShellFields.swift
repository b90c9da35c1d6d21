import Analytics
import AnalyticsInterchange
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The fields of an event as typed on a command line: `name=text` and `name:=JSON`.
///
/// In an event of the catalogue, the declaration decides what a text means. In any other event it
/// stays a text: `name=1.10` is one, and `name:=1.10` a number. All errors are a ``LineProblem`` or
/// a ``CommandError``, and contain no values.
final class ShellFields: EventFieldSource {
  private let given: [ExactString: Given]
  private let user: UUID?
  /// The names that the event has read.
  private var used: Set<ExactString> = ["user_id"]

  private enum Given {
    case text(String)
    case json(JSONValue)
  }

  /// - Throws: If a name has no value, is given twice, or belongs to an argument or option, or if a
  ///   value after `:=` is not JSON.
  init(_ arguments: [String], user: UUID?) throws {
    var given: [ExactString: Given] = [:]
    for argument in arguments {
      let (name, value) = try Self.field(argument)
      guard name != "type", name != "user_id" else {
        throw CommandError(
          "\(name) is not a field: give the type as the first argument, and the user as --user")
      }
      guard given.updateValue(value, forKey: name) == nil else {
        throw CommandError("the field \(name) is given twice")
      }
    }
    (self.given, self.user) = (given, user)
  }

  private static func field(_ argument: String) throws -> (ExactString, Given) {
    guard let (head, tail) = argument.cut(at: "=") else { throw malformed }
    guard head.utf8.last == UInt8(ascii: ":") else {
      guard !head.isEmpty else { throw malformed }
      return (ExactString(String(head)), .text(String(tail)))
    }
    let name = String(head.unicodeScalars.dropLast())
    guard !name.isEmpty else { throw malformed }
    guard let value = try JSONTree.parse(String(tail), field: name) else {
      throw CommandError("the value of \(name) is not JSON, which := requires")
    }
    return (ExactString(name), .json(value))
  }

  private static var malformed: CommandError {
    CommandError("fields are given as name=value, or name:=value where the value is JSON")
  }

  /// Creates the event. Throws if it has no field of a given name.
  func event(type: String) throws -> AnalyticsEvent {
    let event = try AnalyticsEvent(type: type, from: self)
    if let name = given.keys.sorted().first(where: { !used.contains($0) }) {
      throw CommandError("\(type) has no field \(name)")
    }
    return event
  }

  /// The field with this name; `nil` if it is missing or `null`, which are the same.
  private func value(_ name: StaticString) -> Given? {
    let name = ExactString(name.description)
    used.insert(name)
    if case .json(.null) = given[name] { return nil }
    return given[name]
  }

  private func present<Value>(_ value: Value?, _ name: StaticString) throws -> Value {
    if let value { return value }
    guard name.description != "user_id" else {
      throw CommandError("events of this type have a user: give --user")
    }
    throw LineProblem.missing(field: name.description)
  }

  /// The value of a text field, however it was given.
  private func text(_ name: StaticString, for kind: LineProblem.Kind) throws -> String? {
    switch value(name) {
    case nil: return nil
    case .text(let text), .json(.string(let text)): return text
    case .json: throw LineProblem.wrongKind(field: name.description, expected: kind)
    }
  }

  func uuid(_ name: StaticString) throws -> UUID { try present(optionalUUID(name), name) }

  func optionalUUID(_ name: StaticString) throws -> UUID? {
    if name.description == "user_id" { return user }
    guard let text = try text(name, for: .uuid) else { return nil }
    guard let value = UUID(uuidString: text) else {
      throw LineProblem.wrongKind(field: name.description, expected: .uuid)
    }
    return value
  }

  func string(_ name: StaticString) throws -> String { try present(optionalString(name), name) }
  func optionalString(_ name: StaticString) throws -> String? { try text(name, for: .text) }

  func bool(_ name: StaticString) throws -> Bool {
    switch try present(value(name), name) {
    case .json(.bool(let value)): return value
    case .text("true"): return true
    case .text("false"): return false
    default: throw LineProblem.wrongKind(field: name.description, expected: .truth)
    }
  }

  func integer<Value: FixedWidthInteger & Decodable>(_ name: StaticString) throws -> Value {
    try present(optionalInteger(name), name)
  }

  func optionalInteger<Value: FixedWidthInteger & Decodable>(
    _ name: StaticString
  ) throws -> Value? {
    let value: Value?
    switch self.value(name) {
    case nil: return nil
    case .text(let text): value = Value(text)
    case .json(.integer(let number)): value = Value(exactly: number)
    case .json: value = nil
    }
    guard let value else {
      throw LineProblem.wrongKind(field: name.description, expected: .wholeNumber)
    }
    let isDuration = name.description == "duration_ms" || name.description == "duration_seconds"
    if value < 0, isDuration { throw LineProblem.negative(field: name.description) }
    return value
  }

  /// A field that is declared as any JSON needs no `:=`: a value that is JSON is taken as JSON.
  func optionalJSON(_ name: StaticString) throws -> JSONValue? {
    switch value(name) {
    case nil: nil
    case .text(let text): try JSONTree.parse(text, field: name.description) ?? .string(text)
    case .json(let value): value
    }
  }

  func dynamicEvent(type: String) throws -> DynamicEvent {
    var event = DynamicEvent(type: type, userID: user, service: try text("service", for: .text))
    for (name, value) in given where used.insert(name).inserted {
      switch value {
      case .text(let text): event.fields[name.text] = .string(text)
      case .json(let value): event.fields[name.text] = value
      }
    }
    return event
  }

  /// No further fields: a misspelt name would be stored as a field that no report reads.
  /// ``event(type:)`` refuses it instead.
  func furtherFields() throws -> JSONObject { [:] }
}
