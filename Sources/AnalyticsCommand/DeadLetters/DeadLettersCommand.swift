import Analytics
import AnalyticsInterchange
import AnalyticsStore
import AnalyticsText
import ArgumentParser
import Foundation

/// The command `analytics dead-letters`.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "List, show, retry or purge the events that the database refused.",
    discussion: """
      An event that the database refuses for what is in it (a constraint or a trigger of yours, a \
      character that the server's encoding lacks) becomes a dead letter, with the reason; the other \
      events of its batch are stored. Repair the cause, then retry.

      Needs the role that owns the tables.
      """,
    subcommands: [List.self, Show.self, Retry.self, Purge.self],
    defaultSubcommand: List.self)

  /// The dead letters to which a command applies.
  struct Selection: ParsableArguments {
    @Argument(help: "Ids of events, as `list` prints them.", transform: eventID)
    var ids: [UUID] = []
    @Flag(help: "All dead letters.") var all = false

    func validate() throws {
      guard all != !ids.isEmpty else {
        throw ValidationError("name the ids of events, or give --all")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the refused events with the reasons, the latest first. The default.",
      discussion: "Exit code: 0 if there are none, 1 if there are.")

    @OptionGroup var database: DatabaseOptions
    @Option(help: ArgumentHelp("How many to print.", valueName: "number")) var limit = 100
    @Flag(help: "Print the result as JSON.") var json = false

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit is a number above 0") }
    }

    func run() async throws {
      let listing = try await database.database().withDeadLetters { letters in
        DeadLetterListing(
          total: try await letters.count(),
          letters: try DeadLetterListing.entries(try await letters.page(limit: limit)))
      }
      try StandardOutput.print(listing, asJSON: json, or: listing.text)
      if listing.total > 0 { throw ExitCode(1) }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print refused events in full, one per line, as `export` does.",
      discussion:
        "Exit code: 0 if all of them were printed; 1 if one is missing or unreadable.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var selection: Selection

    func run() async throws {
      let ids = selection.all ? nil : selection.ids
      var found = 0
      var unreadable: [DeadLetter] = []
      try await database.database().withDeadLetters { letters in
        try await letters.forEachPage(of: ids) { page in
          found += page.count
          var lines = EventLineWriter()
          for letter in page {
            guard letter.obstacle == nil else {
              unreadable.append(letter)
              continue
            }
            try DeadLetter.batch([letter]).forEachRow { row in
              if let columns = EventColumns(row.columns) { lines.append(columns) }
            }
          }
          let text = String(decoding: lines.bytes, as: UTF8.self)
          FileHandle.standardOutput.write(Data(JSONString.printable(text).utf8))
        }
      }
      guard found >= selection.ids.count else {
        throw CommandError(
          "some of these events are not dead letters: see `analytics dead-letters`")
      }
      guard let first = unreadable.first, let obstacle = first.obstacle else { return }
      let others = unreadable.count > 1 ? " and \((unreadable.count - 1).grouped) more" : ""
      throw CommandError(
        "\(first.id.uuidString.lowercased())\(others) cannot be read: \(obstacle.rawValue)")
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send refused events to the table again, each once.",
      discussion: """
        Events that are stored leave the dead letters. Events that are refused again stay, with the new \
        reason, and so do unreadable ones; `list` says why they are unreadable.

        Exit code: 0 if all of them are stored; 1 if some are not.
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var selection: Selection
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
      let database = try await database.database()
      let sink = PostgresEventSink(database)
      let report = try await database.withDeadLetters { letters in
        try await letters.retry(selection.all ? nil : selection.ids, with: sink)
      }
      try StandardOutput.print(report, asJSON: json, or: report.text)
      if !report.isClean { throw ExitCode(1) }
    }
  }

  struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete refused events for ever.",
      discussion: "Prints how many. `analytics maintain` deletes those whose days were dropped.")

    @OptionGroup var database: DatabaseOptions
    @Argument(help: "Ids of events, as `list` prints them.", transform: eventID)
    var ids: [UUID] = []
    @Flag(help: "All dead letters.") var all = false
    @Option(
      help: ArgumentHelp("Only those refused at least this many days ago.", valueName: "days"))
    var olderThanDays: Int?

    func validate() throws {
      let given = [!ids.isEmpty, all, olderThanDays != nil].filter(\.self).count
      guard given == 1 else {
        throw ValidationError("name the ids of events, or give --all or --older-than-days")
      }
      guard (0...36_500).contains(olderThanDays ?? 0) else {
        throw ValidationError("--older-than-days is a number from 0 to 36500")
      }
    }

    func run() async throws {
      let selection: DeadLetters.Selection =
        if let olderThanDays { .olderThan(days: olderThanDays) } else { all ? .all : .ids(ids) }
      let count = try await database.database().withDeadLetters { try await $0.purge(selection) }
      StandardOutput.print("\(count.grouped) deleted")
    }
  }
}

/// Parses the ID of an event.
private func eventID(_ text: String) throws -> UUID {
  guard let id = UUID(uuidString: text) else {
    throw ValidationError("\(text) is not the id of an event: give a UUID of 32 hexadecimal digits")
  }
  return id
}
