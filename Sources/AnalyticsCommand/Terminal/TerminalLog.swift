package import Logging

/// Prints log messages of level warning and above as plain lines on standard error.
package struct TerminalLog: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level = .warning
  private let terminal: Terminal

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// A logger for commands that people run.
  static func logger(_ terminal: Terminal = .standardError) -> Logger {
    Logger(label: "analytics") { _ in TerminalLog(terminal) }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
    let details = metadata.sorted { $0.key < $1.key }.map { "\($0.value)" }
    terminal.print(
      "\(event.level): \(event.message)"
        + (details.isEmpty ? "" : ": " + details.joined(separator: ", ")))
  }
}
