internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// What the database needs to keep a rollup: SQL that follows from its definition, kept beside it in
/// `analytics_rollups.derived`. The functions that roll up and read put it together.
///
/// Each part reads the events from a common table expression, ``source(of:)``.
struct DerivedRollup: Codable, Equatable {
  struct Relation: Codable, Equatable {
    /// The table behind it, and its column of time.
    var table: String
    var time: String
    /// A query: the rows that events make.
    var rows: String
  }

  /// Common table expressions that merge events into all tables of the rollup.
  var merging: String
  /// By the relation's name.
  var relations: [String: Relation]

  init(_ rollup: Rollup) {
    let source = Self.source(of: rollup)
    merging =
      (Self.members(rollup, source) + Self.figures(rollup, source))
      .joined(separator: ",\n").description
    relations = [:]
    for table in RollupTable.all(of: rollup) {
      let columns = table.columns.map { "f.\($0.sql)::\($0.type.sql)" as SQL }
      relations[table.relation] = Relation(
        table: table.name, time: table.key[0].name,
        rows: """
          SELECT \(columns.joined(separator: ", "))
          FROM (\(table.selection(from: source, where: nil))) AS f
          """.description)
    }
  }

  /// The name of the events in the statements of a rollup.
  private static func source(of rollup: Rollup) -> SQL { .identifier("\(rollup.name) events") }

  private static func members(_ rollup: Rollup, _ source: SQL) -> [SQL] {
    rollup.distinctMeasures.map { measure in
      let table = RollupTable(rollup: rollup, content: .members(measure))
      let name = SQL.identifier("\(rollup.name) members of \(measure.name)")
      let upsert = table.upsert(table.selection(from: source, where: nil))
      guard rollup.name == Rollup.activity.name else { return "\(name) AS (\n\(upsert)\n)" }
      // A user who is new on a day may be new altogether.
      return """
        \(name) AS (
        \(upsert)
        RETURNING kept.day, kept.member, kept.xmax = 0 AS is_new
        ), \(identifier: "\(rollup.name) ever") AS (
        \(Users.upsert(from: "\(name) WHERE is_new"))
        )
        """
    }
  }

  /// Days are summed up from quarters of an hour, so that what is costly is done once an event.
  private static func figures(_ rollup: Rollup, _ source: SQL) -> [SQL] {
    guard !rollup.additiveMeasures.isEmpty else { return [] }
    let quarterly = RollupTable(rollup: rollup, content: .quarterly)
    let daily = RollupTable(rollup: rollup, content: .daily)
    let fresh = SQL.identifier("\(rollup.name) fresh")
    return [
      "\(fresh) AS MATERIALIZED (\n\(quarterly.selection(from: source, where: nil))\n)",
      "\(identifier: "\(rollup.name) quarters") AS (\n\(quarterly.upsert("SELECT * FROM \(fresh)"))\n)",
      "\(identifier: "\(rollup.name) days") AS (\n\(daily.upsert(daily.summary(of: fresh)))\n)",
    ]
  }
}
