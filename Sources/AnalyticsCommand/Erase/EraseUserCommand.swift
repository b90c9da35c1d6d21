import AnalyticsStore
import AnalyticsText
import ArgumentParser
import Foundation

/// The command `analytics erase-user`.
struct EraseUserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase-user",
    abstract: "Remove a person from all stored data, for ever.",
    discussion: """
      The user's events stay and are counted, but have no user any more. Of their fields only \
      numbers, truth values and what says nothing about a person remain. Other users' events lose \
      the id; events without a user also lose the user's e-mail addresses. The user's members of \
      rollups, dead letters and row are deleted, so distinct counts fall; all other figures stay.

      Events from before the erasure that arrive later, out of a spool or by an import, are emptied \
      as they are stored. A host's clock may be ahead: events dated up to 24 hours after the erasure \
      are emptied too, unless they were certainly tracked after it.

      Reads all raw events once. Ingest waits briefly at the end. After an interruption, run \
      it again: it continues. Needs the role that owns the tables. It does not reach \
      backups, exported files and the server's own logs.

      Prints what it did, by table.
      """)

  @OptionGroup var database: DatabaseOptions
  @Argument(help: ArgumentHelp("The user's id.", valueName: "id"), transform: Self.userID)
  var user: UUID
  @Flag(help: "Print the result as JSON.") var json = false

  func run() async throws {
    let terminal = Terminal.standardError
    let report = try await UserErasure(database.database()).erase(user) { left in
      terminal.draw(left.counted("partition") + " left to read")
    }
    terminal.clear()
    let summary = ErasureSummary(report)
    try StandardOutput.print(summary, asJSON: json, or: summary.text)
  }

  private static func userID(_ text: String) throws -> UUID {
    guard let id = UUID(uuidString: text) else {
      throw ValidationError("\(text) is not the id of a user: give a UUID of 32 hexadecimal digits")
    }
    return id
  }
}

/// The result of an erasure, for people and scripts.
private struct ErasureSummary: Encodable {
  var erasedAt: String
  var events: Int
  var mentions: Int
  var rows: [String: Int]
  var partitionsToDrop: Int

  init(_ report: ErasureReport) {
    erasedAt = report.erasedAt.utcText
    events = report.events
    mentions = report.mentions
    rows = report.rows
    partitionsToDrop = report.partitionsToDrop
  }

  var text: String {
    var lines = [
      events.counted("event") + " emptied",
      mentions.counted("other", "others") + " that named the person emptied",
    ]
    lines += rows.sorted { $0.key < $1.key }.map { $0.value.counted("row") + " of \($0.key)" }
    if events + mentions + rows.count == 0 { lines = ["nothing is stored of this user"] }
    lines.append(
      "the user's events dated before \(erasedAt) will be emptied if they arrive later; so will those "
        + "dated up to 24 hours after it, unless they were certainly tracked after it")
    if partitionsToDrop > 0 {
      lines.append(
        partitionsToDrop.counted("partition")
          + " that retention will drop may hold events of the user: "
          + "`analytics maintain` drops them")
    }
    return lines.joined(separator: "\n")
  }
}
