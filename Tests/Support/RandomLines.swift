import Analytics
import Foundation

/// Makes lines of every type of event, in all notations that JSON allows.
package struct RandomLines {
  package var random: SeededGenerator
  /// The range of timestamps: years 1 to 9999.
  package var microseconds: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

  package init(random: SeededGenerator) { self.random = random }

  /// A valid line. No key occurs twice, and every reader accepts its numbers.
  package mutating func line() -> String {
    var top: [(String, String)] = [
      ("timestamp", text(timestamp())),
      ("event", object(event())),
    ]
    if chance(3) { top.append(("hostname", text(word()))) }
    if chance(3) { top.append(("environment", chance(4) ? "null" : text(word()))) }
    if chance(6) { top.append(("unknown", json(depth: 3))) }
    return object(top)
  }

  private mutating func event() -> [(String, String)] {
    let type = Self.types.randomElement(using: &random) ?? Self.types[0]
    var fields: [(String, String)] = [("type", text(type.name))]
    for (name, kind) in type.fields {
      let isOptional = name.hasSuffix("?")
      let name = isOptional ? String(name.dropLast()) : name
      if isOptional, chance(2) {
        if chance(3) { fields.append((name, "null")) }
      } else {
        fields.append((name, value(kind)))
      }
    }
    if chance(6) { fields.append(("not_a_field", json(depth: 2))) }
    return fields
  }

  private enum Kind { case uuid, text, name, truth, positive, int32, port, count, json }

  private mutating func value(_ kind: Kind) -> String {
    switch kind {
    case .uuid: text(chance(2) ? uuid() : uuid().lowercased())
    case .text: text(word())
    case .name: text(String(word().prefix(8)) + "n")
    case .truth: chance(2) ? "true" : "false"
    case .positive: "\(Int.random(in: 0...(chance(3) ? .max : 10_000), using: &random))"
    case .int32: "\(Int32.random(in: .min ... .max, using: &random))"
    case .port: "\(UInt16.random(in: .min ... .max, using: &random))"
    case .count: "\(Int.random(in: .min ... .max, using: &random))"
    case .json: json(depth: 4)
    }
  }

  private mutating func json(depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return "null"
    case 1: return chance(2) ? "true" : "false"
    case 2: return value(.count)
    case 3: return "\(Double.random(in: -1e6...1e6, using: &random))"
    case 4:
      return "\(Int.random(in: -99...99, using: &random))e\(Int.random(in: -9...9, using: &random))"
    case 5: return text(word())
    case 6:
      let elements = (0..<Int.random(in: 0...4, using: &random)).map { _ in json(depth: depth - 1) }
      return "[" + space() + elements.joined(separator: space() + "," + space()) + space() + "]"
    default:
      let names = (0..<Int.random(in: 0...4, using: &random)).map { "\(word())\($0)" }
      return object(names.map { ($0, json(depth: depth - 1)) })
    }
  }

  private mutating func object(_ members: [(String, String)]) -> String {
    let written = members.shuffled(using: &random).map { name, value in
      space() + text(name) + space() + ":" + space() + value + space()
    }
    return "{" + written.joined(separator: ",") + (written.isEmpty ? space() : "") + "}"
  }

  /// A text in quotes. Some of its characters are escaped although this is not necessary.
  private mutating func text(_ text: String) -> String {
    var written = "\""
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || chance(20) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: chance(2))
          written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        written.unicodeScalars.append(scalar)
      }
    }
    return written + "\""
  }

  private mutating func word() -> String {
    let alphabet = Self.alphabets.randomElement(using: &random) ?? []
    let count = Int.random(in: 0...(chance(10) ? 300 : 20), using: &random)
    return String((0..<count).compactMap { _ in alphabet.randomElement(using: &random) })
  }

  private mutating func timestamp() -> String {
    let instant = Int64.random(in: microseconds, using: &random)
    return EventTimestamp(microsecondsSinceUnixEpoch: instant).description
  }

  private mutating func uuid() -> String { random.uuid().uuidString }
  private mutating func space() -> String {
    chance(8) ? [" ", "\t", "  ", "\r"].randomElement(using: &random) ?? "" : ""
  }
  private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

  private static let alphabets: [[Character]] = [
    Array("abcdefghijklmnopqrstuvwxyz_"), Array("aZ09 -/.\"\\\n\t"), Array("é€😀ß漢字\u{301}\u{FFFD}"),
    Array("a\u{0}\u{1F}\u{7F}"),
  ]

  private static let types: [(name: String, fields: [(String, Kind)])] = [
    (
      "auth_login_attempt",
      [("user_id?", .uuid), ("email", .text), ("success", .truth), ("error?", .text)]
    ),
    ("auth_code_verified", [("user_id", .uuid), ("success", .truth), ("error?", .text)]),
    ("auth_token_refresh", [("user_id", .uuid), ("success", .truth), ("error?", .text)]),
    ("auth_session_validated", [("user_id", .uuid), ("valid", .truth)]),
    (
      "task_created",
      [
        ("task_id", .uuid), ("user_id", .uuid), ("project_id?", .uuid), ("cocoon_id?", .uuid),
        ("command", .text),
      ]
    ),
    ("task_started", [("task_id", .uuid), ("user_id", .uuid), ("cocoon_id?", .uuid)]),
    (
      "task_completed",
      [("task_id", .uuid), ("user_id", .uuid), ("duration_ms", .positive), ("exit_code", .int32)]
    ),
    (
      "task_failed",
      [
        ("task_id", .uuid), ("user_id", .uuid), ("duration_ms?", .positive), ("exit_code?", .int32),
        ("error", .text),
      ]
    ),
    ("task_cancelled", [("task_id", .uuid), ("user_id", .uuid), ("duration_ms?", .positive)]),
    (
      "integration_connected",
      [("integration_id", .uuid), ("user_id", .uuid), ("provider", .text), ("project_id?", .uuid)]
    ),
    (
      "integration_disconnected",
      [("integration_id", .uuid), ("user_id", .uuid), ("provider", .text), ("reason?", .text)]
    ),
    (
      "integration_used",
      [("integration_id", .uuid), ("user_id", .uuid), ("provider", .text), ("action", .text)]
    ),
    (
      "integration_error",
      [("integration_id", .uuid), ("user_id", .uuid), ("provider", .text), ("error", .text)]
    ),
    ("oauth_flow_started", [("user_id", .uuid), ("provider", .text), ("state", .text)]),
    (
      "oauth_flow_completed",
      [("user_id", .uuid), ("provider", .text), ("success", .truth), ("error?", .text)]
    ),
    (
      "webhook_received",
      [
        ("integration_id?", .uuid), ("provider", .text), ("event_type", .text),
        ("delivery_id", .text),
      ]
    ),
    (
      "webhook_processed",
      [
        ("integration_id?", .uuid), ("provider", .text), ("event_type", .text),
        ("delivery_id", .text),
        ("success", .truth), ("duration_ms", .positive), ("error?", .text),
      ]
    ),
    ("cocoon_registered", [("cocoon_id", .uuid), ("user_id", .uuid), ("device_name?", .text)]),
    ("cocoon_connected", [("cocoon_id", .uuid), ("user_id?", .uuid)]),
    (
      "cocoon_disconnected",
      [("cocoon_id", .uuid), ("user_id?", .uuid), ("duration_seconds", .positive)]
    ),
    ("cocoon_claimed", [("cocoon_id", .uuid), ("user_id", .uuid), ("via_setup_token", .truth)]),
    (
      "cocoon_setup_token_created",
      [("token_id", .uuid), ("user_id", .uuid), ("cocoon_name?", .text)]
    ),
    ("cocoon_setup_token_used", [("token_id", .uuid), ("cocoon_id", .uuid), ("user_id", .uuid)]),
    ("project_created", [("project_id", .uuid), ("user_id", .uuid), ("name", .text)]),
    ("project_updated", [("project_id", .uuid), ("user_id", .uuid)]),
    ("project_deleted", [("project_id", .uuid), ("user_id", .uuid)]),
    (
      "api_request",
      [
        ("service", .name), ("endpoint", .text), ("method", .text), ("status_code", .port),
        ("duration_ms", .positive), ("user_id?", .uuid),
      ]
    ),
    (
      "database_query",
      [
        ("service", .name), ("query_type", .text), ("duration_ms", .positive),
        ("rows_affected?", .count),
      ]
    ),
    (
      "application_error",
      [
        ("service", .name), ("error_type", .text), ("error_message", .text), ("user_id?", .uuid),
        ("context?", .json),
      ]
    ),
    (
      "somebody_elses",
      [("user_id?", .uuid), ("service?", .name), ("a?", .json), ("b?", .json), ("c?", .count)]
    ),
  ]
}
