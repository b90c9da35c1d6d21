internal import AnalyticsText

/// Divides a condition that a user wrote into words, the signs between them, and in a list commas.
///
/// It works on scalars, so that no combining character in the text joins with a quote or a sign.
struct ConditionScanner {
  private let text: String
  private let parameter: String
  /// Whether a comma ends a word without quotes.
  private let isList: Bool
  private var rest: Substring.UnicodeScalarView

  init(_ text: String, parameter: String, isList: Bool) {
    self.text = text
    self.parameter = parameter
    self.isList = isList
    rest = text[...].unicodeScalars
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Takes a scalar if it comes next, after blanks. Returns whether it did.
  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  /// Takes the signs that come next; `nil` if there are none.
  mutating func signs() -> String? {
    let signs = rest.prefix { Self.signs.contains($0) }
    rest = rest[signs.endIndex...]
    return signs.isEmpty ? nil : String(Substring(signs))
  }

  /// Takes a word: the text in quotes, or everything up to the end of the word.
  ///
  /// - Parameter endsAtSigns: Whether signs of a comparison end a word, too.
  mutating func word(endsAtSigns: Bool) throws(ReportError) -> String {
    if take("\"") { return try quoted(endsAtSigns: endsAtSigns) }
    let end = rest.indices.first { isEnd($0, endsAtSigns) } ?? rest.endIndex
    let word = Substring(rest[..<end]).trimmed
    rest = rest[end...]
    return String(word)
  }

  private mutating func quoted(endsAtSigns: Bool) throws(ReportError) -> String {
    var word = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      guard scalar == "\"" else {
        word.append(scalar)
        continue
      }
      if rest.first == "\"" {
        word.append("\"")
        rest.removeFirst()
        continue
      }
      skipBlanks()
      guard rest.isEmpty || isEnd(rest.startIndex, endsAtSigns) else {
        throw refusal("there is text after a closing quote: write a quote within quotes twice")
      }
      return String(word)
    }
    throw refusal("a closing quote is missing")
  }

  private func isEnd(_ index: String.Index, _ endsAtSigns: Bool) -> Bool {
    switch rest[index] {
    case ",": isList
    case "=", "<", ">", "~": endsAtSigns
    // Names may contain this sign.
    case "!":
      endsAtSigns && rest[rest.index(after: index)...].first.map(Self.signs.contains) ?? false
    default: false
    }
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }

  private static let signs: [Unicode.Scalar] = ["=", "!", "<", ">", "~"]
}

extension ConditionScanner {
  /// Returns a word in the form in which it is parsed, in quotes if it needs them.
  static func written(_ word: String, isName: Bool = false) -> String {
    let scalars = word.unicodeScalars
    let needsQuotes =
      scalars.first.map { $0 == "\"" || signs.contains($0) } ?? isName
      || scalars.contains { $0 == "," || isName && signs.contains($0) }
      || !word[...].trimmed.isSame(as: word)
    return needsQuotes ? "\"\(word.replacing("\"", by: "\"\""))\"" : word
  }

  func refusal(_ reason: String) -> ReportError {
    .invalid(parameter, "\(text.quoted) is not a \(isList ? "step" : "condition"): \(reason)")
  }

  func refusal(ofSign sign: String) -> ReportError {
    let meant = Self.otherSigns[sign].map { ": did you mean \($0)?" } ?? ""
    return refusal(
      "there is no operator \(sign.quoted)\(meant) (operators are = != > >= < <=; a value that "
        + "begins with one must be in double quotes)")
  }

  /// Signs of other languages, and what they mean here.
  private static let otherSigns = [
    "==": "=", "===": "=", "<>": "!=", "!==": "!=", "=!": "!=", "=>": ">=", "=<": "<=",
  ]
}
