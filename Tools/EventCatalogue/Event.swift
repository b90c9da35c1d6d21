/// A section of the catalogue, with events that belong together.
package struct Section {
  package let title: String
  package let events: [Event]

  init(_ title: String, _ events: Event...) {
    self.title = title
    self.events = events
  }
}

/// An event of the catalogue.
package struct Event {
  /// The case of `AnalyticsEvent`.
  package let name: String
  /// What the event means, in full sentences.
  package let summary: String
  /// The fields, in the order of the case's associated values.
  package let fields: [Field]
  /// Other types that are read as this event.
  package private(set) var otherTypes: [String] = []

  init(_ name: String, _ summary: String, _ fields: Field...) {
    self.name = name
    self.summary = summary
    self.fields = fields
  }

  func alsoRead(_ type: String) -> Event {
    var event = self
    event.otherTypes.append(type)
    return event
  }

  /// `task_created` for `taskCreated`: on the wire and in the database.
  package var type: String { name.snakeCase }
}

/// A field of an event.
package struct Field {
  /// The kind of value that a field has.
  package enum Kind: Equatable {
    case id
    case flag
    case number
    case int32
    case uint16
    /// A duration, which is not negative. In milliseconds, unless the name says seconds.
    case duration
    case text(Privacy)
    case json(Privacy)
    /// The column `user_id`.
    case user
    /// The column `service`.
    case service
  }

  /// A privacy class: a case of `FieldPrivacy`.
  package enum Privacy: String {
    case plain
    case freeText
    case email
    case secret
  }

  /// The label of the associated value.
  package let name: String
  package let kind: Kind
  package private(set) var isOptional = false

  static let user = Field(name: "userID", kind: .user)
  static let service = Field(name: "service", kind: .service)
  static func id(_ name: String) -> Field { Field(name: name, kind: .id) }
  static func flag(_ name: String) -> Field { Field(name: name, kind: .flag) }
  static func number(_ name: String) -> Field { Field(name: name, kind: .number) }
  static func int32(_ name: String) -> Field { Field(name: name, kind: .int32) }
  static func uint16(_ name: String) -> Field { Field(name: name, kind: .uint16) }
  static func duration(_ name: String) -> Field { Field(name: name, kind: .duration) }
  static func json(_ name: String) -> Field { Field(name: name, kind: .json(.freeText)) }
  /// - Parameter privacy: The default assumes that the text may contain personal data by accident.
  static func text(_ name: String, _ privacy: Privacy = .freeText) -> Field {
    Field(name: name, kind: .text(privacy))
  }

  var optional: Field {
    var field = self
    field.isOptional = true
    return field
  }

  /// `task_id` for `taskID`.
  package var wireName: String { name.snakeCase }

  /// Whether the field is a column of its own. Other fields are members of `data`.
  package var isColumn: Bool { kind == .user || kind == .service }

  package var swiftType: String {
    let type =
      switch kind {
      case .id, .user: "UUID"
      case .flag: "Bool"
      case .number, .duration: "Int"
      case .int32: "Int32"
      case .uint16: "UInt16"
      case .text, .service: "String"
      case .json: "JSONValue"
      }
    return isOptional ? type + "?" : type
  }

  package var privacy: Privacy? {
    switch kind {
    case .text(let privacy), .json(let privacy): privacy
    default: nil
    }
  }
}

extension String {
  /// `duration_ms` for `durationMS`: a word begins with an upper-case letter that follows a lower-case one.
  fileprivate var snakeCase: String {
    var text = ""
    var wasUpper = true
    for character in self {
      if character.isUppercase, !wasUpper { text += "_" }
      text += character.lowercased()
      wasUpper = character.isUppercase
    }
    return text
  }
}
