/// Text within HTML and SVG.
package enum HTMLText {
  /// As text between tags, or as an attribute's value in quotes.
  ///
  /// Control characters that XML does not know, not even escaped, become U+FFFD.
  package static func escaped(_ text: String) -> String {
    // Most texts are written as they are. U+FFFE and U+FFFF begin with 0xEF.
    guard text.utf8.contains(where: { $0 < 0x40 && isSpecial($0) || $0 == 0xEF }) else {
      return text
    }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".unicodeScalars
      case "<": result += "&lt;".unicodeScalars
      case ">": result += "&gt;".unicodeScalars
      case "\"": result += "&quot;".unicodeScalars
      case "'": result += "&#39;".unicodeScalars
      case "\n", "\t": result.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      true
    default: false
    }
  }
}
