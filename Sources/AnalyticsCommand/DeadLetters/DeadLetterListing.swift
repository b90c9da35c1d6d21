import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsText
import Foundation

/// What `analytics dead-letters list` prints.
struct DeadLetterListing: Encodable {
  struct Entry: Encodable {
    var id: String
    var refusedAt: String
    var timestamp: String
    var type: String
    var service: String
    var attempts: Int
    var reason: String
  }

  /// Also those that are not listed.
  var total: Int
  var letters: [Entry]

  static func entries(_ letters: [DeadLetter]) throws -> [Entry] {
    guard !letters.isEmpty else { return [] }
    var entries: [Entry] = []
    try DeadLetter.batch(letters).forEachRow { row in
      let letter = letters[entries.count]
      let columns = row.columns
      entries.append(
        Entry(
          id: letter.id.uuidString.lowercased(), refusedAt: letter.refusedAt.description,
          timestamp: letter.timestamp.description,
          type: columns[2].map { String(decoding: $0, as: UTF8.self) } ?? "",
          service: columns[3].map { String(decoding: $0, as: UTF8.self) } ?? "",
          attempts: letter.attempts, reason: letter.reason))
    }
    return entries
  }

  var text: String {
    guard total > 0 else { return "no event was refused" }
    var lines = letters.map { letter in
      let times = letter.attempts == 1 ? "" : ", \(letter.attempts) times"
      return DisplayText.line(
        "\(letter.id)  \(letter.type) of \(letter.service) at \(letter.timestamp), "
          + "refused at \(letter.refusedAt)\(times): \(letter.reason)")
    }
    let hidden = total - letters.count
    lines.append(
      "\(total.grouped) in all" + (hidden > 0 ? ", \(hidden.grouped) older ones not shown" : ""))
    return lines.joined(separator: "\n")
  }
}

extension DeadLetters.RetryReport {
  var text: String {
    var parts = ["\(stored.grouped) stored"]
    if duplicates > 0 { parts.append("\(duplicates.grouped) were stored before") }
    if refused > 0 { parts.append("\(refused.grouped) refused again") }
    if passedOver > 0 { parts.append("\(passedOver.grouped) too old or from the future") }
    if suppressed > 0 { parts.append("\(suppressed.grouped) kept out by a trigger") }
    return parts.joined(separator: ", ")
  }

  /// Whether none stays.
  var isClean: Bool { refused + passedOver + suppressed == 0 }
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

extension CommandDatabase {
  func withDeadLetters<Result>(
    _ body: (DeadLetters) async throws -> Result
  ) async throws -> Result {
    try await requireMigrated()
    let connection = try await connect()
    do {
      let result = try await body(try await DeadLetters(on: connection, schema: schema))
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }
}
