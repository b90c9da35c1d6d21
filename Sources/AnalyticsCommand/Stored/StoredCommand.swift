import AnalyticsConnections
import AnalyticsPostgres
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
    let url = try await database.url()
    let rows = try await AnalyticsDatabase(url: url).withSession {
      try await $0.query(Self.countByType(in: database.schema))
    }
    if json { return print(try JSONReport.text(try rows.map(StoredType.init))) }
    try show(rows)
    guard database.local else { return }
    StandardOutput.print("\nTo query them:\n  psql '\(url)'")
    StandardOutput.print(
      "  SELECT * FROM \(Self.table(in: database.schema)) ORDER BY timestamp DESC LIMIT 10;")
  }

  private static func table(in schema: String?) -> SQL {
    guard let schema else { return "analytics_events" }
    return "\(identifier: schema).analytics_events"
  }

  private static func countByType(in schema: String?) -> SQL {
    """
    SELECT event_type, count(*) AS events, min(timestamp AT TIME ZONE 'UTC')::date::text AS first,
           max(timestamp AT TIME ZONE 'UTC')::date::text AS last
    FROM \(table(in: schema))
    GROUP BY event_type
    ORDER BY events DESC, event_type
    """
  }

  private func show(_ rows: PostgresRows) throws {
    var lines: [[String]] = [["events", "type", "first day", "last day"]]
    var total = 0
    for row in rows {
      let count = Int(try row.decode(Int64.self, "events"))
      total += count
      lines.append([
        count.grouped, DisplayText.line(try row.decode(String.self, "event_type"), max: 100),
        try row.decode(String.self, "first"), try row.decode(String.self, "last"),
      ])
    }
    lines.append([total.grouped, "in all", "", ""])
    let columns = lines[0].indices.map { column in
      TextTable.Column(cells: lines.map { $0[column] }, isRightAligned: column == 0)
    }
    for line in TextTable(columns: columns).lines { StandardOutput.print(line) }
  }
}

/// The events of one type, for scripts.
private struct StoredType: Encodable {
  var type: String
  var events: Int
  var firstDay: String
  var lastDay: String

  init(_ row: PostgresRow) throws {
    type = try row.decode(String.self, "event_type")
    events = try row.decode(Int.self, "events")
    firstDay = try row.decode(String.self, "first")
    lastDay = try row.decode(String.self, "last")
  }
}
