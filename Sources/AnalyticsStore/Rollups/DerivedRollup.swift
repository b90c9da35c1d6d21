internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// What the database needs to keep a rollup: SQL that follows from its definition, kept beside it in
/// `analytics_rollups.derived`. The functions that roll up and read put it together.
///
/// Each part reads the events from a common table expression, ``source(of:)``, and the numbers of those who are
/// seen from `users` and `members` (see `analytics_numbering`).
struct DerivedRollup: Codable, Equatable {
  struct Relation: Codable, Equatable {
    /// The table behind it, and its column of time.
    var table: String
    var time: String
    /// A query: the rows that events make.
    var rows: String
  }

  /// Which events `e` any of its measures may be about.
  var condition: String
  /// Common table expressions that merge events into all tables of the rollup.
  var merging: String
  /// A query over `events`: `kind` and `member` of the texts that its distinct measures see; `nil` without any.
  var members: String?
  /// By the relation's name.
  var relations: [String: Relation]

  init(_ rollup: Rollup) {
    let source = Self.source(of: rollup)
    condition =
      rollup.eventTypes.isEmpty ? "true" : Condition.type(rollup.eventTypes).sql.description
    merging =
      (Self.sets(rollup, source) + Self.figures(rollup, source)).joined(separator: ",\n")
      .description
    let texts = rollup.distinctMeasures.compactMap { Self.texts(of: $0, in: rollup) }
    members = texts.isEmpty ? nil : texts.joined(separator: "\nUNION\n").description
    relations = [:]
    for table in RollupTable.all(of: rollup) {
      let columns = table.columns.map { "f.\($0.sql)::\($0.type.sql)" as SQL }
      let rows = table.selection(from: source, numbers: table.measure?.source?.numbered)
      relations[table.relation] = Relation(
        table: table.name, time: table.key[0].name,
        rows: "SELECT \(columns.joined(separator: ", "))\nFROM (\(rows)) AS f".description)
    }
  }

  /// The name of the events in the statements of a rollup.
  private static func source(of rollup: Rollup) -> SQL { .identifier("\(rollup.name) events") }

  private static func texts(of measure: Measure, in rollup: Rollup) -> SQL? {
    guard let source = measure.source, source != .userID else { return nil }
    return """
      SELECT \(literal: source.kind) COLLATE "C" AS kind, \(source.member) AS member
      FROM \(rollup.events(from: "events", membersOf: measure))
      """
  }

  private static func sets(_ rollup: Rollup, _ source: SQL) -> [SQL] {
    rollup.distinctMeasures.flatMap { measure -> [SQL] in
      let quarterly = RollupTable(rollup: rollup, content: .quarterlySets(measure))
      let daily = RollupTable(rollup: rollup, content: .dailySets(measure))
      let name = "\(rollup.name) \(measure.name)"
      let seen = SQL.identifier("\(name) seen")
      let fresh = quarterly.seen(from: source, numbers: measure.source?.numbered)
      return [
        "\(seen) AS MATERIALIZED (\n\(fresh)\n)",
        "\(identifier: "\(name) quarters") AS (\n\(quarterly.upsert(quarterly.sets(of: seen)))\n)",
        "\(identifier: "\(name) days") AS (\n\(daily.upsert(daily.summary(of: seen)))\n)",
      ]
    }
  }

  /// Days are summed up from quarters of an hour, so that what is costly is done once an event.
  private static func figures(_ rollup: Rollup, _ source: SQL) -> [SQL] {
    guard !rollup.additiveMeasures.isEmpty else { return [] }
    let quarterly = RollupTable(rollup: rollup, content: .quarterly)
    let daily = RollupTable(rollup: rollup, content: .daily)
    let fresh = SQL.identifier("\(rollup.name) fresh")
    return [
      "\(fresh) AS MATERIALIZED (\n\(quarterly.selection(from: source))\n)",
      "\(identifier: "\(rollup.name) quarters") AS (\n\(quarterly.upsert("SELECT * FROM \(fresh)"))\n)",
      "\(identifier: "\(rollup.name) days") AS (\n\(daily.upsert(daily.summary(of: fresh)))\n)",
    ]
  }
}

extension Source {
  /// A query: `member` and `number` of those who are seen in the events of a statement.
  fileprivate var numbered: SQL {
    self == .userID
      ? "SELECT member, number FROM users"
      : "SELECT member, number FROM members WHERE kind = \(literal: kind)"
  }
}
