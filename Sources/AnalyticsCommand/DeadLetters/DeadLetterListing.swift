import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsText
import Foundation

/// The output of `analytics dead-letters list`.
struct DeadLetterListing: Encodable {
  struct Entry: Encodable {
    var id: String
    var refusedAt: String
    var timestamp: String
    var type: String
    var service: String
    var attempts: Int
    var reason: String
    /// The reason why the event cannot be read, and has no type and service here.
    var obstacle: String?
  }

  /// The number of all dead letters, including those that are not listed.
  var total: Int
  var letters: [Entry]

  static func entries(_ letters: [DeadLetter]) throws -> [Entry] {
    try letters.map { letter in
      var entry = Entry(
        id: letter.id.uuidString.lowercased(), refusedAt: letter.refusedAt.description,
        timestamp: letter.timestamp.description, type: "", service: "",
        attempts: letter.attempts, reason: letter.reason, obstacle: letter.obstacle?.rawValue)
      guard letter.obstacle == nil else { return entry }
      try DeadLetter.batch([letter]).forEachRow { row in
        let event = StoredEvent(row)
        entry.type = event.type
        entry.service = event.service
      }
      return entry
    }
  }

  var text: String {
    guard total > 0 else { return "no event was refused" }
    var lines = letters.map { letter in
      let times = letter.attempts == 1 ? "" : ", \(letter.attempts) times"
      let event =
        letter.obstacle.map { "cannot be read (\($0))," } ?? "\(letter.type) of \(letter.service)"
      return DisplayText.line(
        "\(letter.id)  \(event) at \(letter.timestamp), "
          + "refused at \(letter.refusedAt)\(times): \(letter.reason)")
    }
    let hidden = total - letters.count
    lines.append(
      "\(total.grouped) in all"
        + (hidden > 0 ? ", " + hidden.counted("older one") + " not shown" : ""))
    return lines.joined(separator: "\n")
  }
}

extension DeadLetters.RetryReport {
  var text: String {
    var parts = ["\(stored.grouped) stored"]
    if duplicates > 0 { parts.append(duplicates.counted("was", "were") + " stored before") }
    if refused > 0 { parts.append("\(refused.grouped) refused again") }
    if outOfRange > 0 { parts.append("\(outOfRange.grouped) too old or from the future") }
    if suppressed > 0 { parts.append("\(suppressed.grouped) kept out by a trigger") }
    if unreadable > 0 {
      parts.append("\(unreadable.grouped) cannot be read: see `analytics dead-letters`")
    }
    return parts.joined(separator: ", ")
  }

  /// Whether no dead letter is left of those that were retried.
  var isClean: Bool { refused + outOfRange + suppressed + unreadable == 0 }
}

extension DeadLetters {
  func forEachPage(of ids: [UUID]?, _ body: ([DeadLetter]) throws -> Void) async throws {
    var last: DeadLetter?
    repeat {
      let letters = try await page(of: ids, after: last, limit: 500)
      if !letters.isEmpty { try body(letters) }
      last = letters.last
    } while last != nil
  }
}

extension AnalyticsDatabase {
  func withDeadLetters<Result>(
    _ body: (DeadLetters) async throws -> Result
  ) async throws -> Result {
    try await requireMigrated()
    return try await withSession { try await body(try await DeadLetters(self, on: $0)) }
  }
}
