/// Makes texts from events, the database or a request safe to show in a terminal, a log or an
/// error.
package enum DisplayText {
  /// Returns one line of at most `max` scalars, and `…` if it is cut. A mark replaces each scalar
  /// that cannot be seen: control characters, which a terminal obeys; line breaks, where CR and LF
  /// together get one mark; and formatting characters, which reorder or hide what follows.
  ///
  /// The limit counts scalars, because a single character may consist of a million of them.
  package static func line(
    _ text: String, max: Int = .max, mark: Unicode.Scalar = "·"
  ) -> String {
    // Most texts need no change.
    if text.utf8.count <= max, !text.unicodeScalars.contains(where: isUnseen) { return text }
    var result = String.UnicodeScalarView()
    var count = 0
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      if scalar == "\n", previous == "\r" { continue }
      guard count < max else {
        result.append("…")
        break
      }
      result.append(isUnseen(scalar) ? mark : scalar)
      count += 1
    }
    return String(result)
  }

  /// Returns the same for several lines: line feeds stay.
  package static func lines(_ text: String) -> String {
    text.split(at: "\n", omittingEmpty: false).map { line(String($0)) }.joined(separator: "\n")
  }

  /// Whether a reader does not see a scalar.
  package static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
