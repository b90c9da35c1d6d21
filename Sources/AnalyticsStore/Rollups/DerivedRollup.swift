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
    let statements = RollupStatements(rollup: rollup)
    condition =
      rollup.eventTypes.isEmpty ? "true" : Condition.type(rollup.eventTypes).sql.description
    merging = statements.merging.joined(separator: ",\n").description
    let texts = rollup.distinctMeasures.compactMap(statements.texts)
    members = texts.isEmpty ? nil : texts.joined(separator: "\nUNION\n").description
    relations = [:]
    for table in RollupTable.all(of: rollup) {
      let columns = table.columns.map { "f.\($0.sql)::\($0.type.sql)" as SQL }
      relations[table.relation] = Relation(
        table: table.name, time: table.key[0].name,
        rows: """
          SELECT \(columns.joined(separator: ", "))
          FROM (\(statements.reading(table))) AS f
          """.description)
    }
  }
}
