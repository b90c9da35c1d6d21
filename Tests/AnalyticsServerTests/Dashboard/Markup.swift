import Testing

/// A page, read as a browser's parser reads it, but with more checks.
struct Markup {
  let text: String
  /// The opening tags with their attributes.
  private(set) var tags: [(name: String, attributes: String)] = []

  private static let void: Set<String> = ["meta", "link", "input", "br"]

  /// - Throws: If a tag is not closed, or is closed without being open.
  init(_ text: String) throws {
    self.text = text
    var open: [String] = []
    for match in text.matches(of: #/<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"]|"[^"]*")*?)(/?)>/#) {
      let name = match.2.lowercased()
      if match.1 == "/" {
        try #require(open.last == name, "</\(name)> closes \(open.last ?? "nothing")")
        open.removeLast()
      } else {
        tags.append((name, String(match.3)))
        if match.4.isEmpty, !Self.void.contains(name) { open.append(name) }
      }
    }
    try #require(open.isEmpty, "\(open) are never closed")
  }

  /// The parts that the page's content security policy would refuse.
  var refused: [String] {
    tags.filter { tag in
      tag.attributes.contains(#/\s(style|on[a-z]+)\s*=/#) || tag.name == "style"
        || (tag.name == "script" && !tag.attributes.contains("src="))
    }.map { "<\($0.name)\($0.attributes)>" }
  }

  /// The error messages on the page.
  var alerts: [String] {
    text.matches(of: #/role="alert"[^>]*>([^<]*)</#).map { String($0.1) }
  }

  /// The text of cells and labels, in order.
  var words: String {
    text.replacing(#/<[^>]*>/#, with: " ").replacing(#/\s+/#, with: " ")
  }
}
