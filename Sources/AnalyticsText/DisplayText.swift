/// Texts from events, the database or a request, as a terminal, a log or an error line shows them.
package enum DisplayText {
  /// One line of at most so many scalars. A mark replaces what cannot be seen: control characters, which
  /// a terminal obeys; ends of lines, CR and LF together once; and formatting characters, which reorder
  /// or hide what follows.
  ///
  /// The bound counts scalars, since one character may consist of a million of them.
  package static func line(
    _ text: String, max: Int = .max, mark: Unicode.Scalar = "·"
  ) -> String {
    // Most texts are shown as they are.
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
