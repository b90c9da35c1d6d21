/// Texts from events, the database or a request, as a terminal, a log or an error line shows them.
package enum DisplayText {
  /// One line of at most so many scalars. What cannot be seen becomes `·`: control characters, which a
  /// terminal obeys; ends of lines; and formatting characters, which reorder or hide what follows.
  ///
  /// The bound counts scalars, since one character may consist of a million of them.
  package static func line(_ text: String, max: Int = .max) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < max else {
        result.append("…")
        break
      }
      result.append(isUnseen(scalar) ? "·" : scalar)
      count += 1
    }
    return String(result)
  }

  /// Several lines: the same, with line feeds kept.
  package static func lines(_ text: String) -> String {
    text.split(at: "\n", omittingEmpty: false).map { line(String($0)) }.joined(separator: "\n")
  }

  /// Whether a scalar is none that a reader sees.
  package static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
