/// Names and values within SQL, where no parameter can stand.
package enum SQLText {
  /// Between double quotes.
  package static func identifier(_ name: String) -> String {
    "\"\(name.replacing("\"", by: "\"\""))\""
  }

  /// Between single quotes, as SQL reads it whatever `standard_conforming_strings` says.
  package static func literal(_ text: String) -> String {
    let quoted = "'\(text.replacing("'", by: "''").replacing("\\", by: "\\\\"))'"
    return text.has("\\") ? "E\(quoted)" : quoted
  }
}

extension String {
  /// SQL in which each `{word}` that has a text is replaced by it.
  ///
  /// One pass: a name that was put in and holds a word in braces itself stays as it is.
  package func filling(_ words: [String: String]) -> String {
    var result = ""
    var rest = utf8[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
      let start = rest.index(after: open)
      guard let close = rest[start...].firstIndex(of: UInt8(ascii: "}")) else { break }
      if let text = words[String(self[start..<close])] {
        result += self[rest.startIndex..<open] + text
        rest = rest[rest.index(after: close)...]
      } else {
        result += self[rest.startIndex..<start]
        rest = rest[start...]
      }
    }
    return result + self[rest.startIndex...]
  }
}
