/// Texts that code misreads if it compares characters: every special ASCII character next to a scalar of every class
/// that joins with its neighbours, and scalars that are canonically equivalent to ASCII.
package enum JoinedTexts {
  /// One of each grapheme-break class of UAX #29, and of each value of its property InCB.
  package static let joiners: [Unicode.Scalar] = [
    "\u{0600}",  // Prepend
    "\u{0308}",  // Extend
    "\u{200D}",  // ZWJ
    "\u{0903}",  // SpacingMark
    "\u{094D}",  // Extend, InCB Linker
    "\u{0915}",  // InCB Consonant
    "\u{1100}", "\u{1161}", "\u{11A8}",  // Hangul L, V and T
    "\u{AC00}", "\u{AC01}",  // Hangul LV and LVT
    "\u{1F1E6}",  // Regional_Indicator
    "\u{1F600}", "\u{1F3FB}", "\u{FE0F}",  // Pictographic, a modifier, a selector
    "\u{E0020}",  // a tag
    "\u{200B}", "\u{0085}", "\u{2028}", "\u{202E}",  // Control
    "\r", "\n",  // CR and LF
  ]

  /// Scalars that Swift calls equal to `;`, `` ` `` and `K`, letters in two forms, and digits and signs of
  /// other scripts.
  package static let equivalents = [
    "\u{037E}", "\u{1FEF}", "\u{212A}", "\u{00E9}", "e\u{0301}", "\u{0661}", "\u{FF11}", "\u{FF1C}",
    "\u{2039}", "\u{00B2}",
  ]

  /// All ASCII characters except letters, digits and NUL. PostgreSQL cannot store NUL.
  package static let specials: [Unicode.Scalar] = (UInt8(1)..<128).map { Unicode.Scalar($0) }
    .filter { !$0.properties.isAlphabetic && !("0"..."9").contains($0) }

  /// Each special character between each joiner and a letter, in both orders.
  package static let pairs: [String] =
    specials.flatMap { special in
      joiners.map { joiner in "\(joiner)\(special)z\(special)\(joiner)" }
    } + equivalents.map { "a\($0)z" }

  /// All ``pairs``, joined into as few texts as possible. Each text has at most `bytesMax` bytes.
  package static func texts(bytesMax: Int) -> [String] {
    var texts: [String] = []
    var text = ""
    for pair in pairs {
      if text.utf8.count + pair.utf8.count > bytesMax {
        texts.append(text)
        text = ""
      }
      text += pair
    }
    return texts + [text]
  }
}

extension StringProtocol {
  /// The bytes, for comparisons: `==` of strings treats canonically equivalent strings as equal.
  package var bytes: [UInt8] { Array(utf8) }
}
