internal import AnalyticsText

/// The statements of a `.sql` file, each behind a line `-- name: …`.
package struct NamedStatements: Sendable {
  private let texts: [String: String]

  /// Comments go, so that what the server logs is the statement alone.
  package init(file: [UInt8]) {
    let marker = "-- name: "
    var texts: [String: String] = [:]
    var name: String?
    for line in String(decoding: file, as: UTF8.self).split(at: "\n") {
      if line.begins(with: marker) {
        name = String(line.dropping(marker))
      } else if let name, !line.begins(with: "--") {
        texts[name, default: ""] += (texts[name] == nil ? "" : "\n") + line
      }
    }
    self.texts = texts
  }

  /// The SQL of a statement; empty if there is none of that name.
  package subscript(name: String) -> String { texts[name] ?? "" }
}
