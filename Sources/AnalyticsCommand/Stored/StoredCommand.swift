import AnalyticsPostgres
import AnalyticsStore
import AnalyticsText
import ArgumentParser

/// The command `analytics stored`: an overview of the stored events.
struct StoredCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stored",
    abstract: "Count the stored events, by type.",
    discussion: "It counts every row, which takes about a second for ten million.")

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Print the counts as JSON.") var json = false

  func run() async throws {
    let types = try await database.database().storedTypes()
    if json { return print(try JSONReport.text(types)) }
    show(types)
    guard database.local else { return }
    let url = try await database.url()
    StandardOutput.print("\nTo query them:\n  \(ShellText.line(["psql", url]))")
    StandardOutput.print(
      "  SELECT * FROM \(Self.table(in: database.schema)) ORDER BY timestamp DESC LIMIT 10;")
  }

  private static func table(in schema: String?) -> SQL {
    guard let schema else { return "analytics_events" }
    return "\(identifier: schema).analytics_events"
  }

  private func show(_ types: [StoredType]) {
    var lines: [[String]] = [["events", "type", "first day", "last day"]]
    for type in types {
      lines.append([
        type.events.grouped, DisplayText.line(type.type, max: 100), type.firstDay, type.lastDay,
      ])
    }
    lines.append([types.reduce(0) { $0 + $1.events }.grouped, "in all", "", ""])
    let columns = lines[0].indices.map { column in
      TextTable.Column(cells: lines.map { $0[column] }, isRightAligned: column == 0)
    }
    for line in TextTable(columns: columns).lines { StandardOutput.print(line) }
  }
}
