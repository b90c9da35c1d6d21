/// Why a line was refused.
///
/// A description names the field and never its value: it goes to terminals and logs.
package enum LineProblem: Error, Hashable, Sendable {
  /// What a field should have been.
  package enum Kind: String, Sendable {
    case uuid = "a UUID"
    case text = "a text"
    case truth = "true or false"
    case wholeNumber = "a whole number"
    case timestamp = "an RFC 3339 timestamp between the years 1 and 9999"
    case object = "a JSON object"
  }

  /// Longer than ``LineLimits/lineBytesMax``.
  case tooLong
  /// An event that takes more room in the database than one event may.
  case tooLarge
  /// Not JSON from this byte on, counted from 1.
  case notJSON(byte: Int)
  /// Bytes that are not UTF-8, somewhere in the text that begins at this byte.
  case notUTF8(byte: Int)
  /// Deeper than ``LineLimits/depthMax``.
  case nestedTooDeeply
  /// JSON, but not an object.
  case notAnObject
  /// Absent or null.
  case missing(field: String)
  /// Of another type, or not in the form that the type asks for.
  case wrongKind(field: String, expected: Kind)
  /// A number too large or too small for its field, or for any: see `JSONNumber`.
  case outOfRange(field: String)
  /// A duration below 0.
  case negative(field: String)
  /// A name that is empty or longer than the database takes.
  case wrongLength(field: String)
  /// Of a day that the rollups have and whose raw events somebody has taken out.
  case takenOut(day: String)
}

/// The bounds of a line. They keep memory and time per line bounded whatever the file holds.
package enum LineLimits {
  /// 16 MB, the most that one batch takes.
  package static let lineBytesMax = 16 * 1024 * 1024
  /// How deeply objects and lists may be nested: what `track` takes in a field, inside the event inside
  /// the line.
  package static let depthMax = 64 + 2
  /// The longest event type and service, in bytes of UTF-8 as stored.
  package static let nameBytesMax = 100
}

extension LineProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong: "longer than \(LineLimits.lineBytesMax) bytes"
    case .tooLarge: "too large to be stored as one event"
    case .notJSON(let byte): "not valid JSON at byte \(byte)"
    case .notUTF8(let byte): "not valid UTF-8 in the text at byte \(byte)"
    case .nestedTooDeeply: "nested more than \(LineLimits.depthMax) levels deep"
    case .notAnObject: "not a JSON object"
    case .missing(let field): "\(field) is missing"
    case .wrongKind(let field, let expected): "\(field) is not \(expected.rawValue)"
    case .outOfRange(let field): "\(field) is out of range"
    case .negative(let field): "\(field) is negative"
    case .wrongLength(let field):
      "\(field) is not between 1 and \(LineLimits.nameBytesMax) bytes long"
    case .takenOut(let day):
      "raw events of \(day) were taken out by hand and the rollups have them: stored again they would "
        + "count twice; see `analytics doctor`"
    }
  }
}
