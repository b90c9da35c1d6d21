/// A file generated from the catalogue.
package struct GeneratedFile {
  /// The path, relative to the package's root.
  package let path: String
  package let text: String

  package static let all = [enumeration, fields, reading, table]
}

private let notice = "// Generated from Tools/EventCatalogue/Catalogue.swift by `make generate`."

private let events = catalogue.flatMap(\.events)

/// Joins lines with the same indentation.
private func lines(_ lines: [String], indentedBy spaces: Int = 0) -> String {
  let margin = String(repeating: " ", count: spaces)
  return lines.map { $0.isEmpty ? "\n" : margin + $0 + "\n" }.joined()
}

/// Writes `head(a, b)` in one line, or breaks it into lines of at most 100 characters.
private func call(_ head: String, _ parts: [String], indentedBy spaces: Int) -> String {
  let margin = String(repeating: " ", count: spaces)
  let whole = "\(margin)\(head)(\(parts.joined(separator: ", ")))"
  if whole.count <= 100 { return whole }
  var broken = "\(margin)\(head)("
  var line = "  " + margin
  for (index, part) in parts.enumerated() {
    let piece = part + (index + 1 == parts.count ? ")" : ",")
    if line.count + piece.count + 1 > 100 {
      broken += "\n" + line
      line = "  " + margin
    }
    line += (line.allSatisfy { $0 == " " } ? "" : " ") + piece
  }
  return broken + "\n" + line
}

/// Writes a text in lines that begin with `///`.
private func documented(_ text: String, indentedBy spaces: Int) -> String {
  let head = String(repeating: " ", count: spaces) + "///"
  var all = ""
  var line = head
  for word in text.split(separator: " ") {
    if line.count + word.count + 1 > 100 {
      all += line + "\n"
      line = head
    }
    line += " " + word
  }
  return all + line + "\n"
}

extension GeneratedFile {
  // MARK: - The cases

  private static let enumeration = GeneratedFile(
    path: "Sources/Analytics/Events/AnalyticsEvent.swift",
    text: """
      \(notice)

      #if canImport(FoundationEssentials)
        public import FoundationEssentials
      #else
        public import Foundation
      #endif

      /// The catalogue of built-in events, with their established names and fields.
      ///
      /// On the wire and in the database, names are in snake_case:
      /// ``taskCreated(taskID:userID:projectID:cocoonID:command:)`` is `task_created` with the fields
      /// `task_id`, `user_id`, `project_id`, `cocoon_id` and `command`. Durations are in milliseconds
      /// unless their name says seconds, and must not be negative. For your own events, use
      /// ``TrackableEvent``.
      public enum AnalyticsEvent: Hashable, Sendable {
      \(catalogue.map(cases).joined(separator: "\n"))
        // MARK: Any other

        /// An event whose type is not in the catalogue, read from the wire.
        case custom(DynamicEvent)
        /// An event of the catalogue with additional fields that the catalogue does not declare.
        ///
        /// ```swift
        /// analytics.track(.extended(.taskStarted(taskID: task.id, userID: user.id), with: ["queue": "fast"]))
        /// ```
        /// The additional fields are ``FieldPrivacy/undeclared``, because no privacy is declared for
        /// them. The preset decides how strings in them are treated, and names that are not identifiers
        /// (see ``FieldPrivacy``). Numbers and booleans are stored as given. A `null` field counts as
        /// absent.
        ///
        /// `user_id` (a UUID as a string) and `service` fill the columns of an event that has none of its
        /// own. An additional field is ignored if the event has a field with this name.
        indirect case extended(AnalyticsEvent, with: JSONObject)
      }

      """)

  private static func cases(_ section: Section) -> String {
    lines(["  // MARK: \(section.title)", ""])
      + section.events.map { event in
        var summary = event.summary
        for type in event.otherTypes {
          summary += " On the wire, `\(type)` is read as the same event."
        }
        let values = event.fields.map { field in
          "\(field.name): \(field.swiftType)" + (field.isOptional ? " = nil" : "")
        }
        return documented(summary, indentedBy: 2)
          + call("case \(event.name)", values, indentedBy: 2) + "\n"
      }.joined()
  }

  // MARK: - From an event to its fields

  private static let fields = GeneratedFile(
    path: "Sources/Analytics/Events/AnalyticsEvent+Fields.swift",
    text: """
      \(notice)

      extension AnalyticsEvent {
        /// Visits the event's type and columns, then each field once, in the catalogue's order.
        func describe(to visitor: inout some EventVisitor & ~Copyable) {
          switch self {
      \(events.map(visit).joined())\
          case .custom(let event):
            visitor.visit(event)
          case .extended(let event, let further):
            visitor.visit(event, with: further)
          }
        }
      }

      """)

  private static func visit(_ event: Event) -> String {
    func column(_ kind: Field.Kind) -> String {
      event.fields.first { $0.kind == kind }?.name ?? "nil"
    }
    let pattern = call("case .\(event.name)", event.fields.map { "let \($0.name)" }, indentedBy: 4)
    return pattern + ":\n"
      + lines(
        [
          "visitor.begin(type: \"\(event.type)\", user: \(column(.user)), service: \(column(.service)))"
        ] + event.fields.filter { !$0.isColumn }.map(added), indentedBy: 6)
  }

  private static func added(_ field: Field) -> String {
    let value =
      switch field.kind {
      case .int32, .uint16: field.isOptional ? "\(field.name).map(Int.init)" : "Int(\(field.name))"
      default: field.name
      }
    let name = "\"\(field.wireName)\""
    if field.kind == .duration { return "visitor.add(duration: \(name), \(value))" }
    let privacy = field.privacy.map { ", .\($0.rawValue)" } ?? ""
    return "visitor.add(\(name), \(value)\(privacy))"
  }

  // MARK: - From fields to an event

  private static let reading = GeneratedFile(
    path: "Sources/Analytics/Events/AnalyticsEvent+Reading.swift",
    text: """
      \(notice)

      extension AnalyticsEvent {
        /// Reads the fields that the catalogue declares for this type. A type that is not in the
        /// catalogue is read as ``custom(_:)``.
        init(declared type: String, from fields: some EventFieldSource) throws {
          switch type {
      \(events.map(read).joined())\
          default:
            self = .custom(try fields.dynamicEvent(type: type))
          }
        }
      }

      """)

  private static func read(_ event: Event) -> String {
    let types = ([event.type] + event.otherTypes).map { "\"\($0)\"" }.joined(separator: ", ")
    let values = event.fields.map { field in
      "\(field.name): try fields.\(method(field))(\"\(field.wireName)\")"
    }
    return lines(["    case \(types):", "      self = .\(event.name)("])
      + values.map { "        " + $0 }.joined(separator: ",\n") + ")\n"
  }

  /// The method of `EventFieldSource` that reads the field. A text that a privacy preset may have left out is read as
  /// empty.
  private static func method(_ field: Field) -> String {
    switch field.kind {
    case .id, .user: field.isOptional ? "optionalUUID" : "uuid"
    case .flag: field.isOptional ? "optionalBool" : "bool"
    case .number, .duration, .int32, .uint16: field.isOptional ? "optionalInteger" : "integer"
    case .service: field.isOptional ? "optionalString" : "string"
    case .text(let privacy):
      field.isOptional ? "optionalString" : privacy == .plain ? "string" : "treatedString"
    case .json: "optionalJSON"
    }
  }

  // MARK: - The document EVENTS.md

  private static let table = GeneratedFile(
    path: "docs/EVENTS.md",
    text: """
      # Events of the catalogue

      <!-- Generated from Tools/EventCatalogue/Catalogue.swift by `make generate`. -->

      Besides its own fields each event has a time, an environment, a host name and a service. The service is the
      client's, unless the event has a field for it. Of the fields below, `user_id` and `service` are columns of
      `analytics_events`; the others are members of its column `data`.
      An optional field may be missing. What is stored of a text depends on its privacy and on the
      [privacy preset](CONFIGURATION.md#privacy).

      \(catalogue.map(table).joined(separator: "\n"))
      """)

  private static func table(_ section: Section) -> String {
    lines(["## \(section.title)", "", "| event | what happened | fields |", "|---|---|---|"])
      + lines(
        section.events.map { event in
          let fields = event.fields.map { field in
            "`\(field.wireName)` (\(field.meaning)\(field.isOptional ? ", optional" : ""))"
          }
          let also = event.otherTypes.map { "; also read from `\($0)`" }.joined()
          return
            "| `\(event.type)`\(also) | \(event.summary) | \(fields.joined(separator: ", ")) |"
        })
  }
}

extension Field {
  /// The type of a field's value, and the privacy of a text.
  fileprivate var meaning: String {
    switch kind {
    case .id, .user: "UUID"
    case .flag: "true or false"
    case .number: "whole number"
    case .int32: "whole number of 32 bits"
    case .uint16: "whole number from 0 to 65535"
    case .duration: name.hasSuffix("Seconds") ? "seconds" : "milliseconds"
    case .text(let privacy): privacy == .plain ? "text" : "text, \(privacy.words)"
    case .json(let privacy): "JSON, \(privacy.words)"
    case .service: "text"
    }
  }
}

extension Field.Privacy {
  fileprivate var words: String {
    switch self {
    case .plain: "says nothing about a person"
    case .freeText: "free text"
    case .email: "e-mail address"
    case .secret: "secret"
    }
  }
}
