/// Cells of CSV, as RFC 4180 writes them.
package enum CSVText {
  /// A cell; in quotes if it holds a comma, a quote or a line's end.
  package static func field(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\r")
        && byte != UInt8(ascii: "\n")
    }
    return isPlain ? text : "\"\(text.replacing("\"", by: "\"\""))\""
  }
}
