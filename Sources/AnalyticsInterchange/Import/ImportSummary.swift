package import Analytics
import AnalyticsText

/// The result of an import, by lines.
///
/// `lines = stored + duplicates + rejected + bad`, unless the import was stopped: the missing lines
/// were then read and not stored, and another import stores them.
package struct ImportSummary: Encodable, Sendable {
  /// A refused line, with the reason and never with its content.
  package struct BadLine: Encodable, Sendable, Equatable {
    package var file: String
    package var line: Int
    package var reason: String
  }

  /// The way in which an import ended.
  package enum Ending: String, Encodable, Sendable {
    /// All lines of all inputs were read.
    case complete
    /// The import stopped at the first bad line, as `--strict` requires.
    case badLine = "bad_line"
    /// An input could not be read to its end.
    case unreadable
    /// A signal stopped the import.
    case stopped
  }

  /// Lines that are not empty.
  package var lines = 0
  /// Events that this import added to the database.
  package var stored = 0
  /// Events that were already in the database.
  package var duplicates = 0
  /// Events that will never be stored, for any reason.
  package var rejected = 0
  /// The same by reason; reasons without events are absent.
  package var rejectedByReason: [RejectReason: Int] = [:]
  /// Lines that are not events.
  package var bad = 0
  /// The first bad lines.
  package var badLines: [BadLine] = []
  package var seconds: Double = 0
  package var ending = Ending.complete

  /// The number of bad lines that are reported; further ones are only counted.
  static let badLinesMax = 10

  /// Whether everything in the inputs is stored.
  package var isClean: Bool { ending == .complete && bad == 0 && rejected == 0 }

  package var eventsPerSecond: Double {
    seconds > 0 ? Double(stored + duplicates) / seconds : 0
  }

  /// Counts a bad line; returns it if it is to be reported.
  mutating func count(_ badLine: BadLine) -> BadLine? {
    bad += 1
    guard badLines.count < Self.badLinesMax else { return nil }
    badLines.append(badLine)
    return badLine
  }
}

extension ImportSummary {
  private enum CodingKeys: String, CodingKey {
    case lines, stored, duplicates, rejected, bad, seconds, ending
    case badLines = "bad_lines"
    case rejectedByReason = "rejected_by_reason"
    case eventsPerSecond = "events_per_second"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lines, forKey: .lines)
    try container.encode(stored, forKey: .stored)
    try container.encode(duplicates, forKey: .duplicates)
    try container.encode(rejected, forKey: .rejected)
    try container.encode(
      Dictionary(uniqueKeysWithValues: rejectedByReason.map { ($0.key.rawValue, $0.value) }),
      forKey: .rejectedByReason)
    try container.encode(bad, forKey: .bad)
    try container.encode(badLines, forKey: .badLines)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(eventsPerSecond.rounded(), forKey: .eventsPerSecond)
    try container.encode(ending, forKey: .ending)
  }

  private var rejections: [String] {
    let past = rejectedByReason[.past, default: 0]
    let others = rejected - past
    return (past > 0 ? ["\(past.grouped) dated too early"] : [])
      + (others > 0 ? ["\(others.grouped) refused by the database"] : [])
  }

  /// The summary for people, without the bad lines, which were reported as they were read.
  package func text(isCheck: Bool) -> String {
    let rate = seconds > 0 ? Int(Double(lines) / seconds) : 0
    let took = "\((seconds * 100).rounded() / 100) s (\(rate.grouped) lines/s)"
    let counts =
      isCheck
      ? ["\(lines.counted("line")) checked", "\((lines - bad).grouped) good", "\(bad.grouped) bad"]
      : [
        lines.counted("line"), "\(stored.grouped) stored", duplicates.counted("duplicate"),
        "\(bad.grouped) bad",
      ] + rejections
    let text = counts.joined(separator: ", ") + " in " + took
    return switch ending {
    case .complete: text
    case .badLine: text + "; stopped at the first bad line"
    case .unreadable: text + "; not all input could be read"
    case .stopped: text + "; stopped before the end: run it again, nothing is stored twice"
    }
  }
}
