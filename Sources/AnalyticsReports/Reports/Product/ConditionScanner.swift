internal import AnalyticsText

/// Takes apart what somebody wrote of properties: words, signs between them, and in a list commas.
///
/// By scalars: what else a text holds joins to neither quotes nor signs.
struct ConditionScanner {
  private let text: String
  private let parameter: String
  /// Whether a comma ends a word that is not in quotes.
  private let isList: Bool
  private var rest: Substring.UnicodeScalarView

  init(_ text: String, parameter: String, isList: Bool) {
    self.text = text
    self.parameter = parameter
    self.isList = isList
    rest = text[...].unicodeScalars
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// A scalar, if it comes next, behind blanks.
  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  /// The signs that come next; `nil` without any.
  mutating func signs() -> String? {
    let signs = rest.prefix { Self.signs.contains($0) }
    rest = rest[signs.endIndex...]
    return signs.isEmpty ? nil : String(Substring(signs))
  }

  /// What stands in quotes, or what comes before the end.
  ///
  /// - Parameter endsAtSigns: Whether the signs of a comparison end it, besides what ends every word.
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
        throw refusal("it goes on behind a closing quote: a quote within quotes is written twice")
      }
      return String(word)
    }
    throw refusal("a quote is not closed: a word that begins with a quote stands in quotes")
  }

  private func isEnd(_ index: String.Index, _ endsAtSigns: Bool) -> Bool {
    switch rest[index] {
    case ",": isList
    case "=", "<", ">", "~": endsAtSigns
    // Names may have one within them.
    case "!":
      endsAtSigns && rest[rest.index(after: index)...].first.map(Self.signs.contains) ?? false
    default: false
    }
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }

  private static let signs: [Unicode.Scalar] = ["=", "!", "<", ">", "~"]
}

extension ConditionScanner {
  /// A word as it is read again, in quotes where it needs them.
  static func written(_ word: String, isName: Bool = false) -> String {
    let scalars = word.unicodeScalars
    let needsQuotes =
      scalars.first.map { $0 == "\"" || signs.contains($0) } ?? isName
      || scalars.contains { $0 == "," || isName && signs.contains($0) }
      || !word[...].trimmed.isSame(as: word)
    return needsQuotes ? "\"\(word.replacing("\"", by: "\"\""))\"" : word
  }

  func refusal(_ reason: String) -> ReportError {
    .invalid(parameter, "\(text.quoted) is no \(isList ? "step" : "condition"): \(reason)")
  }

  func refusal(ofSign sign: String) -> ReportError {
    let meant = Self.otherSigns[sign].map { ": did you mean \($0)?" } ?? ""
    return refusal(
      "there is no sign \(sign.quoted)\(meant), but = != > >= < <=; a value that begins with one "
        + "stands in double quotes")
  }

  /// What other languages write.
  private static let otherSigns = [
    "==": "=", "===": "=", "<>": "!=", "!==": "!=", "=!": "!=", "=>": ">=", "=<": "<=",
  ]
}
