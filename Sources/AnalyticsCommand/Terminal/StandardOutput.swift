import AnalyticsText

/// Prints the results of commands: lines for people, or a JSON document for scripts.
///
/// Whatever stored texts contain, the output does not move a terminal's cursor or change its
/// colours: invisible characters are replaced in lines and escaped in JSON. A text inside a line
/// must itself be one line: see ``DisplayText/line(_:max:)``.
enum StandardOutput {
  static func print(_ lines: String) { Swift.print(DisplayText.lines(lines)) }

  /// - Parameter text: The result as lines for people.
  static func print(_ document: some Encodable, asJSON: Bool, or text: String) throws {
    if asJSON { Swift.print(try JSONReport.text(document)) } else { print(text) }
  }
}
