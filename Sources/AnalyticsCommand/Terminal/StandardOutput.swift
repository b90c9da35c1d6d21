import AnalyticsText

/// What commands print when they are done: lines for people, or one JSON document for scripts.
///
/// Neither moves a terminal's cursor or changes its colours, whatever stored texts hold: what cannot
/// be seen is replaced in lines and escaped in JSON. A text that stands within a line must be one line
/// itself: ``DisplayText/line(_:max:)``.
enum StandardOutput {
  static func print(_ lines: String) { Swift.print(DisplayText.lines(lines)) }

  /// - Parameter text: The same for people.
  static func print(_ document: some Encodable, asJSON: Bool, or text: String) throws {
    if asJSON { Swift.print(try JSONReport.text(document)) } else { print(text) }
  }
}
