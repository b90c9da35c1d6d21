package import Logging
internal import Synchronization

/// Records log entries, one line each: level, message and metadata.
package final class RecordedLog: Sendable {
  private let recorded = Mutex<[String]>([])

  package init() {}

  package var lines: [String] { recorded.withLock { $0 } }

  package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map {
        "\($0.key)=\($0.value)"
      }
      let line = "\(event.level) \(event.message) " + values.joined(separator: " ")
      log.recorded.withLock { $0.append(line) }
    }
  }
}
