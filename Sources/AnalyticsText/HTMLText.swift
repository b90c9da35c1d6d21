/// Escapes text for HTML and SVG.
package enum HTMLText {
  /// Returns a text for use between tags, or as the value of an attribute in quotes.
  ///
  /// Control characters that XML does not allow, not even escaped, become U+FFFD.
  package static func escaped(_ text: String) -> String {
    // Most texts need no change. U+FFFE and U+FFFF begin with the byte 0xEF.
    guard text.utf8.contains(where: { isSpecial($0) || $0 == 0xEF }) else { return text }
    // The text is built as bytes, because each append of a text to a view of scalars takes as long
    // as the view is.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": bytes.append(contentsOf: "&amp;".utf8)
      case "<": bytes.append(contentsOf: "&lt;".utf8)
      case ">": bytes.append(contentsOf: "&gt;".utf8)
      case "\"": bytes.append(contentsOf: "&quot;".utf8)
      case "'": bytes.append(contentsOf: "&#39;".utf8)
      case "\n", "\t": bytes.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": bytes.append("\u{FFFD}")
      default: bytes.append(scalar)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
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
