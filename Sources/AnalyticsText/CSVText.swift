/// Writes cells of CSV (RFC 4180).
package enum CSVText {
  /// Returns a cell, in quotes if it contains a comma, a quote or a line break.
  package static func field(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\r")
        && byte != UInt8(ascii: "\n")
    }
    return isPlain ? text : "\"\(text.replacing("\"", by: "\"\""))\""
  }
}
