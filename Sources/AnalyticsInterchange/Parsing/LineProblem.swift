import Analytics

/// The reason why a line was refused.
///
/// Descriptions are printed and logged, so they name the field and never its value.
package enum LineProblem: Error, Hashable, Sendable {
  /// The expected kind of a field.
  package enum Kind: String, Sendable {
    case uuid = "a UUID"
    case text = "a text"
    case truth = "true or false"
    case wholeNumber = "a whole number"
    case timestamp = "an RFC 3339 timestamp between the years 1 and 9999"
    case object = "a JSON object"
  }

  /// The line is longer than ``LineLimits/lineBytesMax``.
  case tooLong
  /// The event takes more space in the database than one event may.
  case tooLarge
  /// The line is not JSON from this byte on, counted from 1.
  case notJSON(byte: Int)
  /// The string that begins at this byte, counted from 1, is not UTF-8.
  case notUTF8(byte: Int)
  /// The nesting is deeper than ``LineLimits/depthMax``.
  case nestedTooDeeply
  /// The line is JSON, but not an object.
  case notAnObject
  /// The field is missing or null.
  case missing(field: String)
  /// The field has another type, or not the form that its type requires.
  case wrongKind(field: String, expected: Kind)
  /// The number is too large or too small for its field, or for any field: see `JSONNumber`.
  case outOfRange(field: String)
  /// The duration is negative.
  case negative(field: String)
  /// The name is empty or longer than the database permits.
  case wrongLength(field: String)
  /// The rollups count the event's day, and its raw events were removed by hand.
  case removedByHand(day: String)
}

/// The limits of a line. They bound memory and time per line, whatever the file contains.
package enum LineLimits {
  /// 16 MiB, the limit of a batch.
  package static let lineBytesMax = 16 * 1024 * 1024
  /// The deepest nesting of objects and lists: the depth that `track` permits in a field, plus the
  /// event and the line.
  package static let depthMax = RowLayout.depthMax + 2
  /// The longest event type and service, in bytes of UTF-8 as stored.
  package static let nameBytesMax = RowLayout.nameBytesMax
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
    case .removedByHand(let day):
      "raw events of \(day) were removed by hand, but the rollups still count them: stored again, they would "
        + "count twice; see `analytics doctor`"
    }
  }
}
