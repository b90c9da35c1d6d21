import AnalyticsStore
import AnalyticsText
import ArgumentParser
import Foundation

/// The command `analytics rollups`.
struct RollupsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollups",
    abstract: "Show the state of the rollups, complete them, or verify them.",
    discussion: """
      Rollups are what reports read: counts, percentiles and distinct users, kept for ever. \
      Reports also include events that are not merged into them yet. Needs the role that owns the \
      tables.
      """,
    subcommands: [Status.self, Refresh.self, Recompute.self, Verify.self],
    defaultSubcommand: Status.self)

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the rollups and the ranges that are still to be computed. The default."
    )

    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
      let statuses = try await RollupUpkeep(database.database()).status()
      if json { return print(try JSONReport.text(statuses.map(RollupLine.init))) }
      for status in statuses { StandardOutput.print(RollupLine(status).text) }
    }
  }

  struct Refresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compute the ranges that rollups still lack.",
      discussion: """
        `migrate` and `maintain` do this too; this command continues where they were interrupted. It \
        also adds events that were stored with the triggers off, as logical replication does. Events \
        can be stored meanwhile.
        """)

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
      let terminal = Terminal.standardError
      let count = try await RollupUpkeep(database.database()).refresh { left in
        terminal.draw(left.counted("range") + " left")
      }
      terminal.clear()
      StandardOutput.print(count == 0 ? "nothing to compute" : count.counted("range") + " computed")
    }
  }

  struct Recompute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compute days again from their raw events.",
      discussion: """
        A UTC day without raw events loses its figures, and its events can be imported again afterwards. \
        A day whose raw events retention has dropped keeps its figures. Events can be stored meanwhile.
        """)

    @OptionGroup var database: DatabaseOptions
    @Option(help: ArgumentHelp("The first day, in UTC: 2026-01-31.", valueName: "day"))
    var from: String
    @Option(help: ArgumentHelp("The day after the last one.", valueName: "day"))
    var to: String

    func validate() throws { _ = try days() }

    func run() async throws {
      let days = try days()
      let terminal = Terminal.standardError
      var count = 0
      try await RollupUpkeep(database.database()).recompute(days) { left in
        count += 1
        terminal.draw(left.counted("day") + " left")
      }
      terminal.clear()
      StandardOutput.print(count.counted("day") + " computed")
    }

    private func days() throws -> Range<Date> {
      func beginning(of text: String) throws -> Date {
        guard let day = CivilDate(text) else {
          throw ValidationError("a day is written as 2026-01-31")
        }
        return Date(timeIntervalSince1970: Double(day.daysSinceUnixEpoch) * 86_400)
      }
      let (from, to) = (try beginning(of: from), try beginning(of: to))
      guard from < to else { throw ValidationError("--from is not before --to") }
      return from..<to
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the rollups with the raw events, and list the differences.",
      discussion: """
        Compares as far back as there are raw events. Writes nothing; events can be stored meanwhile. \
        Reads all raw events once for each table. Ranges that are still to be computed are left out.

        Exit code: 0 if nothing differs, 1 if something does.
        """)

    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Print the differences as JSON.") var json = false

    func run() async throws {
      let upkeep = RollupUpkeep(try await database.database())
      let differences = try await upkeep.verify()
      if json {
        print(try JSONReport.text(differences.map(DifferenceLine.init)))
      } else {
        let left = try await upkeep.status().map(\.pendingRanges).reduce(0, +)
        if left > 0 {
          StandardOutput.print(
            "ranges still to be computed, which were not compared: \(left.grouped) "
              + "(`analytics rollups refresh`)")
        }
        for difference in differences {
          StandardOutput.print(
            "\(difference.table): \(difference.rows.counted("row differs", "rows differ")), "
              + "from \(difference.first) on")
        }
        if differences.isEmpty {
          StandardOutput.print(
            left > 0 ? "all other ranges match the raw events" : "all rollups match the raw events")
        }
      }
      if !differences.isEmpty { throw ExitCode(1) }
    }
  }
}

private struct RollupLine: Encodable {
  var name: String
  var version: Int
  var pendingRanges: Int
  var validFrom: String?

  init(_ status: RollupStatus) {
    name = status.name
    version = status.version
    pendingRanges = status.pendingRanges
    validFrom = status.validFrom?.utcText
  }

  var text: String {
    var parts = ["\(name) version \(version)"]
    if let validFrom { parts.append("figures of this version from \(validFrom) on") }
    parts.append(pendingRanges == 0 ? "complete" : pendingRanges.counted("range") + " to compute")
    return parts.joined(separator: ", ")
  }
}

private struct DifferenceLine: Encodable {
  var table: String
  var rows: Int
  var first: String

  init(_ difference: RollupDifference) {
    table = difference.table
    rows = difference.rows
    first = difference.first
  }
}
